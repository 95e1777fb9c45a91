"""Names that are not taken for typing errors: the world's larger places, and words for no place.

A place of the kingdom that bears such a name still answers to it as written
(Boston, Perth); but Sydney is not a mistyped Lydney, nor `missing` Misson.
From general knowledge: the countries, and cities that reports are likely to
name.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from linemap.text import key

_PLACES: Final = """
Afghanistan, Albania, Algeria, Andorra, Angola, Argentina, Armenia, Australia, Austria,
Azerbaijan, Bahamas, Bahrain, Bangladesh, Barbados, Belarus, Belgium, Belize, Benin, Bhutan,
Bolivia, Bosnia, Botswana, Brazil, Brunei, Bulgaria, Burkina Faso, Burundi, Cambodia, Cameroon,
Canada, Cape Verde, Chad, Chile, China, Colombia, Congo, Costa Rica, Croatia, Cuba, Cyprus,
Czechia, Denmark, Djibouti, Dominica, Ecuador, Egypt, El Salvador, Eritrea, Estonia, Eswatini,
Ethiopia, Fiji, Finland, France, Gabon, Gambia, Georgia, Germany, Ghana, Greece, Grenada,
Guatemala, Guinea, Guyana, Haiti, Honduras, Hungary, Iceland, India, Indonesia, Iran, Iraq,
Ireland, Israel, Italy, Ivory Coast, Jamaica, Japan, Jordan, Kazakhstan, Kenya, Kosovo, Kuwait,
Kyrgyzstan, Laos, Latvia, Lebanon, Lesotho, Liberia, Libya, Liechtenstein, Lithuania, Luxembourg,
Madagascar, Malawi, Malaysia, Maldives, Mali, Malta, Mauritania, Mauritius, Mexico, Moldova,
Monaco, Mongolia, Montenegro, Morocco, Mozambique, Myanmar, Namibia, Nepal, Netherlands, New
Zealand, Nicaragua, Niger, Nigeria, North Macedonia, Norway, Oman, Pakistan, Palestine, Panama,
Paraguay, Peru, Philippines, Poland, Portugal, Qatar, Romania, Russia, Rwanda, Senegal, Serbia,
Seychelles, Sierra Leone, Singapore, Slovakia, Slovenia, Somalia, Somaliland, South Africa, Spain,
Sri Lanka, Sudan, Suriname, Sweden, Switzerland, Syria, Taiwan, Tajikistan, Tanzania, Thailand,
Togo, Trinidad, Tunisia, Turkey, Turkmenistan, Uganda, Ukraine, United States, USA, America,
Uruguay, Uzbekistan, Venezuela, Vietnam, Yemen, Zambia, Zimbabwe, Europe, Africa, Asia, Jersey,
Guernsey, Isle of Man, Gibraltar, Republic of Ireland, Eire, Holland, Catalonia, Bavaria, Abidjan,
Abu Dhabi, Abuja, Accra, Adelaide, Addis Ababa, Aleppo, Algiers, Alicante, Amman, Amsterdam,
Ankara, Antalya, Antwerp, Asmara, Athens, Athlone, Atlanta, Auckland, Austin, Avignon, Baghdad,
Baku, Baltimore, Bamako, Bangkok, Barcelona, Basel, Basra, Beijing, Beirut, Belgrade, Benghazi,
Berlin, Bern, Bilbao, Bogota, Bologna, Bonn, Bordeaux, Bratislava, Bremen, Brest, Brisbane,
Bruges, Brussels, Bucharest, Budapest, Buenos Aires, Burgas, Cairo, Calais, Calgary, Canberra,
Cape Town, Caracas, Casablanca, Catania, Chennai, Chicago, Cologne, Colombo, Copenhagen, Cordoba,
Cork, Cracow, Dakar, Dallas, Damascus, Dar es Salaam, Darwin, Delhi, Denver, Detroit, Dhaka,
Dieppe, Dijon, Doha, Donegal, Dortmund, Dresden, Drogheda, Dubai, Dublin, Dundalk, Dunkirk,
Durban, Durres, Dusseldorf, Edmonton, Eindhoven, Erbil, Essen, Faisalabad, Florence, Frankfurt,
Freetown, Galway, Gdansk, Geneva, Genoa, Ghent, Gothenburg, Granada, Graz, Grenoble, Groningen,
Hamburg, Hanoi, Hanover, Hannover, Harare, Hargeisa, Havana, Helsinki, Herat, Ho Chi Minh, Hobart,
Hong Kong, Honolulu, Houston, Hyderabad, Ibiza, Innsbruck, Islamabad, Istanbul, Izmir, Jakarta,
Jeddah, Jerusalem, Johannesburg, Kabul, Kampala, Karachi, Kathmandu, Katowice, Kaunas, Kerry,
Kharkiv, Khartoum, Kiev, Kigali, Kildare, Kilkenny, Kinshasa, Krakow, Kuala Lumpur, Kyiv, La
Rochelle, Lagos, Lahore, Las Vegas, Lausanne, Leipzig, Leon, Letterkenny, Lille, Lima, Limassol,
Limerick, Limoges, Linz, Lisbon, Ljubljana, Lodz, Los Angeles, Louth, Luanda, Lublin, Lucerne,
Lusaka, Lviv, Lyon, Lyons, Madrid, Mainz, Malaga, Mallorca, Majorca, Malmo, Manila, Marbella,
Marrakesh, Marseille, Mayo, Meath, Mecca, Melbourne, Memphis, Miami, Milan, Minsk, Mirpur, Modena,
Mogadishu, Mombasa, Monrovia, Montreal, Moscow, Mosul, Mumbai, Munich, Nairobi, Nancy, Nantes,
Naples, Navan, New Delhi, New York, Nice, Nicosia, Odesa, Odessa, Orlando, Oslo, Ostend, Ottawa,
Palermo, Palma, Paris, Perpignan, Philadelphia, Phoenix, Pisa, Podgorica, Porto, Poznan, Prague,
Pretoria, Pristina, Quebec, Rabat, Rennes, Reykjavik, Riga, Rimini, Riyadh, Rome, Rotterdam,
Rouen, Salzburg, San Diego, San Francisco, Santander, Santiago, Sao Paulo, Sarajevo, Seattle,
Seoul, Seville, Shanghai, Skopje, Sligo, Sofia, Split, Stockholm, Strasbourg, Stuttgart, Sydney,
Sylhet, Szczecin, Tallinn, Tangier, Tbilisi, Tehran, Tel Aviv, The Hague, Thessaloniki, Tipperary,
Tirana, Tokyo, Toronto, Toulouse, Tralee, Tripoli, Tunis, Turin, Utrecht, Valencia, Valletta,
Vancouver, Varna, Venice, Verona, Vienna, Vilnius, Warsaw, Washington DC, Waterford, Westmeath,
Wexford, Wicklow, Wroclaw, Yerevan, Zagreb, Zaragoza, Zurich
"""
_WORDS: Final = """
unknown, not known, missing, none, null, nil, not stated, not recorded, not applicable, not
available, no data, blank, empty, other, others, various, multiple, several, miscellaneous,
elsewhere, abroad, overseas, anywhere, nowhere, everywhere, somewhere, to be confirmed, to follow,
pending, confidential, redacted, withheld, refused, total, subtotal, grand total, all, any, home,
prison, custody, hospital, school, college, station, police station, train station, railway
station, bus station, airport, court, no fixed abode, no fixed address, out of area, out of
borough, out of county, out of london, county, borough, town, village, city, area, region, force,
origin, destination, location, place, address, name, today, tomorrow, yesterday, monday, tuesday,
wednesday, thursday, friday, saturday, sunday, january, february, april, june, july, august,
september, october, november, december, true, false, yes, person
"""


@cache
def not_mistyped() -> frozenset[str]:
    """List the spellings that are never taken for a mistyped name."""
    return frozenset(key(name) for name in (_PLACES + "," + _WORDS).split(","))


def reason(name: str) -> str:
    """Say why a name that is on the list has no place."""
    words = frozenset(key(word) for word in _WORDS.split(","))
    if key(name) in words:
        return f"{name!r} says of no place where it is"
    return f"{name!r} is not a place in the United Kingdom that linemap knows"

"""Counties as addresses still write them, where the gazetteer's areas have other edges.

Read only behind a name ("Hayes, Middlesex", "Bromley, Kent") and only where no
place of that name lies in the area as it is now.
"""

from __future__ import annotations

from typing import Final

# spelling: the boroughs and counties (by the slugs of their ids) that were or are written so
_AREAS: Final[dict[str, str]] = {
    "middlesex": """borough:barnet borough:brent borough:camden borough:ealing borough:enfield
        borough:hackney borough:hammersmith-and-fulham borough:haringey borough:harrow
        borough:hillingdon borough:hounslow borough:islington borough:kensington-and-chelsea
        borough:richmond-upon-thames borough:tower-hamlets borough:westminster county:surrey
        county:hertfordshire""",
    "surrey": """borough:croydon borough:kingston-upon-thames borough:lambeth borough:merton
        borough:richmond-upon-thames borough:southwark borough:sutton borough:wandsworth""",
    "kent": "borough:bexley borough:bromley borough:greenwich borough:lewisham county:medway",
    "essex": """borough:barking-and-dagenham borough:havering borough:newham borough:redbridge
        borough:waltham-forest borough:enfield county:southend-on-sea county:thurrock""",
    "hertfordshire": "borough:barnet borough:enfield",
    "staffordshire": """county:wolverhampton county:walsall county:sandwell county:dudley
        county:birmingham county:stoke-on-trent""",
    "warwickshire": "county:birmingham county:coventry county:solihull",
    "worcestershire": "county:dudley county:birmingham county:sandwell",
    "westmidlands": """county:birmingham county:coventry county:dudley county:sandwell
        county:solihull county:walsall county:wolverhampton""",
    "lancashire": """county:blackburn-with-darwen county:blackpool county:bolton county:bury
        county:knowsley county:liverpool county:manchester county:oldham county:rochdale
        county:salford county:sefton county:st-helens county:tameside county:trafford
        county:wigan county:halton county:warrington county:cumbria""",
    "cheshire": """county:cheshire-east county:cheshire-west-and-chester county:halton
        county:stockport county:tameside county:trafford county:warrington county:wirral""",
    "hampshire": """county:portsmouth county:southampton county:isle-of-wight county:bournemouth
        county:dorset""",
    "dorset": "county:bournemouth county:poole",
    "somerset": "county:north-somerset county:bath-and-north-east-somerset",
    "avon": """county:bristol county:bath-and-north-east-somerset county:north-somerset
        county:south-gloucestershire""",
    "gloucestershire": "county:south-gloucestershire county:bristol",
    "devon": "county:plymouth county:torbay",
    "wiltshire": "county:swindon",
    "berkshire": """county:bracknell-forest county:reading county:slough county:west-berkshire
        county:windsor-and-maidenhead county:wokingham county:oxfordshire""",
    "buckinghamshire": "county:milton-keynes county:slough",
    "bedfordshire": "county:bedford county:central-bedfordshire county:luton",
    "cambridgeshire": "county:peterborough",
    "huntingdonshire": "county:cambridgeshire county:peterborough",
    "derbyshire": "county:derby",
    "leicestershire": "county:leicester county:rutland",
    "lincolnshire": "county:north-lincolnshire county:north-east-lincolnshire",
    "nottinghamshire": "county:nottingham",
    "shropshire": "county:telford-and-wrekin",
    "sussex": "county:brighton-and-hove county:east-sussex county:west-sussex",
    "eastsussex": "county:brighton-and-hove",
    "westsussex": "county:brighton-and-hove",
    "durham": """county:county-durham county:darlington county:hartlepool county:stockton-on-tees
        county:gateshead county:sunderland county:south-tyneside""",
    "countydurham": """county:darlington county:hartlepool county:stockton-on-tees
        county:gateshead county:sunderland county:south-tyneside""",
    "northumberland": "county:newcastle-upon-tyne county:north-tyneside",
    "cleveland": """county:hartlepool county:middlesbrough county:redcar-and-cleveland
        county:stockton-on-tees""",
    "humberside": """county:east-riding-of-yorkshire county:kingston-upon-hull
        county:north-lincolnshire county:north-east-lincolnshire""",
    "yorkshire": """county:barnsley county:bradford county:calderdale county:doncaster
        county:east-riding-of-yorkshire county:kingston-upon-hull county:kirklees county:leeds
        county:middlesbrough county:north-yorkshire county:redcar-and-cleveland
        county:rotherham county:sheffield county:wakefield county:york""",
    "northyorkshire": """county:york county:middlesbrough county:redcar-and-cleveland
        county:stockton-on-tees""",
    "eastyorkshire": "county:east-riding-of-yorkshire county:kingston-upon-hull",
    "cumberland": "county:cumbria",
    "westmorland": "county:cumbria",
    "hereford": "county:herefordshire",
    "glamorgan": """county:bridgend county:caerphilly county:cardiff county:merthyr-tydfil
        county:neath-port-talbot county:rhondda-cynon-taf county:swansea
        county:vale-of-glamorgan""",
    "gwent": """county:blaenau-gwent county:caerphilly county:monmouthshire county:newport
        county:torfaen""",
    "monmouthshire": "county:blaenau-gwent county:caerphilly county:newport county:torfaen",
    "dyfed": "county:carmarthenshire county:ceredigion county:pembrokeshire",
    "cardiganshire": "county:ceredigion",
    "clwyd": "county:conwy county:denbighshire county:flintshire county:wrexham",
    "denbighshire": "county:conwy county:wrexham",
    "caernarfonshire": "county:gwynedd county:conwy",
    "merionethshire": "county:gwynedd",
    "montgomeryshire": "county:powys",
    "radnorshire": "county:powys",
    "brecknockshire": "county:powys county:blaenau-gwent",
}


def written_county(spelling: str) -> frozenset[str]:
    """Name the areas that addresses put in a county; none where it is not known as one.

    >>> sorted(written_county("sussex"))
    ['county:brighton-and-hove', 'county:east-sussex', 'county:west-sussex']
    """
    return frozenset(_AREAS.get(spelling, "").split())

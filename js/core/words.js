/** Every word of the page, and numbers, distances and periods in words, the same in every locale. */

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const LEVELS = /** @type {Record<string, string>} */ ({
  settlement: "town or village",
  station: "railway station",
  "postcode district": "postcode district",
  borough: "London borough",
  district: "district",
  county: "county",
  force: "police force area",
  region: "region",
  nation: "nation",
  group: "wider area",
});
const SHORT_LEVELS = /** @type {Record<string, string>} */ ({
  settlement: "town",
  force: "police area",
});

/** @param {number} value */
export function number(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export const plural = (n, one, many) => `${number(n)} ${n === 1 ? one : many || `${one}s`}`;

/** @param {string | null} text "YYYY-MM" */
export function month(text) {
  const found = /^(\d{4})-(\d{2})$/.exec(text || "");
  return found ? `${MONTHS[Number(found[2]) - 1] || found[2]} ${found[1]}` : text || "";
}

/**
 * @param {string | null} start
 * @param {string | null} end
 */
export function period(start, end) {
  if (!start && !end) return TEXT.noPeriod;
  if (start === end || !end) return month(start);
  if (!start) return `to ${month(end)}`;
  return `${month(start)} to ${month(end)}`;
}

/**
 * "about 160 km (range 95 to 240 km)"
 * @param {number} km
 * @param {number} low
 * @param {number} high
 */
export function distance(km, low, high) {
  if (Number.isNaN(km)) return TEXT.noDistance;
  const ranged = high - low >= 1;
  if (!ranged) return `${km < 10 ? km.toFixed(1) : number(km)} km`;
  return `about ${number(km)} km (range ${number(low)} to ${number(high)} km)`;
}

/** @param {string | null} key */
export const level = (key) => (key && (LEVELS[key] || key)) || TEXT.noLevel;
/** @param {string | null} key */
export const shortLevel = (key) => (key && (SHORT_LEVELS[key] || key)) || "";

/** Several of a kind. @param {string} kind as `level` says it */
export const levels = (kind) =>
  kind === LEVELS.settlement ? "towns or villages" : kind.replace(/y$/, "ie") + "s";

/**
 * A figure or a sum of several, marked where figures are rounded.
 * @param {number} n @param {{ base: number } | null} rule
 */
export const amount = (n, rule) => `${rule && rule.base > 1 ? "≈" : ""}${number(n)}`;

/** @param {string | null | undefined} text */
export const name = (text) => (text ? text : TEXT.notStated);

/**
 * A sum of figures: one figure as it is, several as "about" with what rounding leaves open.
 * @param {{ n: number, low: number, high: number, figures: number }} sum
 */
export function about(sum) {
  if (sum.figures <= 1 || sum.high === sum.low) return number(sum.n);
  return `about ${number(sum.n)} (${number(sum.low)} to ${number(sum.high)})`;
}

/**
 * From the least to the most of distances in km, null for not known.
 * @param {{ from: number, to: number } | null} km
 */
export function reachOf(km) {
  if (!km) return "";
  const [low, high] = [number(km.from), number(km.to)];
  return low === high ? `${low} km` : `${low} to ${high} km`;
}

/** @param {boolean} statements */
export const noun = (statements) => (statements ? "statement" : "flow");

/**
 * What a row's figure is: counted, without a count, or only an example. Without a count are places
 * that are named, and figures that the publisher hid or printed as a range.
 * @param {Iterable<string | null>} qualifiers of the rows without a count
 */
export function kinds(qualifiers) {
  const all = [...qualifiers];
  const printed = all.filter(isPrinted).length;
  const without = !printed
    ? "named, not counted"
    : printed === all.length
      ? "count hidden by its publisher, or not one number"
      : "no count: only named, hidden by its publisher, or not one number";
  return ["counted", without, "mentioned as an example"];
}

/** Whether the publisher printed something other than a count. @param {string | null} qualifier */
export const isPrinted = (qualifier) =>
  qualifier !== null && !["exact", "derived", "named only", "mentioned"].includes(qualifier);

/**
 * A change, with its sign.
 * @param {number} value
 */
export const signed = (value) =>
  `${value > 0 ? "+" : value < 0 ? "−" : ""}${number(Math.abs(value))}`;

const km = (/** @type {number} */ value) => number(value);

/* Every text of the page. Those with something to fill in are functions of it. */
export const TEXT = {
  // a place, a line, and what is said of them
  source: "Source",
  published: "published",
  from: "from",
  to: "to",
  of: "of",
  derived: "derived",
  shown: "shown",
  most: "most",
  furthest: "furthest",
  noPeriod: "period not stated",
  noDistance: "distance not known",
  noLevel: "level not known",
  notStated: "not stated",
  noPlace: "no place given",
  noDestination: "destination not stated",
  notDrawn: "not on the map",
  areaOnly: "an area, so without a distance",
  allOrigins: (/** @type {number} */ n) => `All ${plural(n, "origin")}`,
  direction: { to: "To", from: "From", within: "Within" },
  away: (/** @type {string} */ km) => `How far: ${km} from the origins that are shown.`,
  farMeans:
    "Kilometres: from the middles of the origins that are shown to the middle of the place.",
  farMeansEach: "Kilometres: from the middle of each origin to the middle of each place.",
  shownByOrigin: (/** @type {string} */ n) =>
    `Shown by origin: ${n}. What is withheld is not in it.`,
  fromWhom: "From whom",
  whereTo: "Where to",
  perMonth: (/** @type {string} */ n) => `${n} a month`,
  howFar: (
    /** @type {number} */ from,
    /** @type {number} */ to,
    /** @type {number} */ low,
    /** @type {number} */ high,
  ) => {
    const mean = number(from) === number(to) ? `${km(from)} km` : `${km(from)} to ${km(to)} km`;
    return high - low >= 1
      ? `How far: ${mean} between the places' middles; ${km(low)} to ${km(high)} km between any parts of them.`
      : `How far: ${mean}.`;
  },
  /** @param {string} measure @param {string} what */
  printed: (measure, what) => `${measure}: ${what}`,
  between: (/** @type {string} */ window) => `When: ${window}.`,
  onlyIn: (/** @type {string[]} */ windows) =>
    windows.length > 3
      ? `shown in ${windows.length} of the periods only`
      : `shown in ${windows.join(", and ")} only`,
  figures: (/** @type {number} */ n) => `The ${plural(n, "figure")} behind this`,
  allOriginsTogether: "All origins together",
  eachOrigin: "Each origin on its own",
  originsLeft: "Origins not hidden",
  summedBy: (/** @type {string} */ text) => `Summed by ${text}.`,
  twoViews:
    "Two readings of the same records, each counting every record once: places of all origins together, and each origin on its own. Never add or subtract between them.",
  ofThese: "Of these, without a place",
  mayHold: "More may be among these",
  pooled: "elsewhere, or too few to say where",
  unplaced: "no place stated or found",
  rolledTo: (/** @type {string} */ name, /** @type {string} */ n) => `${name}: ${n}`,
  areasAround: "Figures of areas around it",
  namesake: "A larger area has the same name. Its figures:",
  ofAllOrigins: "all origins together",
  nothingHere: "Nothing is shown for this place.",
  nothingPasses: "Nothing here passes the filters.",
  nothingPassesAtAll: "Nothing passes the filters.",
  nothingToDraw: "There is nothing to draw.",
  onlyShaded: "Nothing finer than a region is shown here, so there is no line.",
  onlyAreas: "Shown only by region or nation",
  noneFine: "No place is shown on its own.",
  linkedPlace: "The place of the link",
  noneHere: "not on this map",
  notOnMap: "Not on this map, which is not zero.",
  notShown: (/** @type {number} */ threshold) =>
    `Counts under ${number(threshold)} are not shown and look the same as zero.`,
  neverAdded: "Published statements overlap and are never added up: each stands as it was printed.",
  sum: (/** @type {number} */ n) =>
    `Sum of ${number(n)} rounded figures; the range is what rounding leaves open. What is withheld is not in it.`,
  sumShort: (/** @type {number} */ n) => `sum of ${plural(n, "figure")}`,
  changed: (/** @type {number} */ before, /** @type {number} */ now) =>
    `${number(before)} in the period before, ${number(now)} in this one`,
  fromHere: (/** @type {string} */ text) => `${text} from here`,
  toHere: (/** @type {string} */ text) => `${text} to here`,
  onlyMentioned: (/** @type {number} */ n, /** @type {boolean} */ more) =>
    `${number(n)} ${more ? "more " : ""}only mentioned`,
  statementsWithout: (/** @type {number} */ n) => `${plural(n, "statement")} without a destination`,
  moreOrigins: (/** @type {number} */ n) => `${number(n)} more origins`,
  originsWithout: (/** @type {number} */ n) => `${plural(n, "origin")} without any destination`,
  reach: "How far each origin reaches",
  fineness: "How finely it is shown",
  clear: "Clear",
  theSelection: "the selection",
  showMore: (/** @type {number} */ n, /** @type {number} */ all) =>
    `Show ${number(n)} more of ${number(all)}`,
  shownMore: (/** @type {number} */ n, /** @type {number} */ all) =>
    `${number(n)} of ${number(all)} are shown.`,
  showAll: (/** @type {number} */ n) => `Show all ${number(n)}`,

  // key numbers
  head: {
    statements: "published statements",
    sources: (/** @type {number} */ n) => `from ${plural(n, "source")}`,
    flows: "flows shown",
    figures: (/** @type {number} */ n) => `in ${plural(n, "figure")}`,
    hidden: (/** @type {string} */ periods) => `nothing is shown of ${periods}`,
    found: "where most were found",
    came: "where most came from",
    away: (/** @type {string} */ km) => `, ${km} away`,
    tied: (/** @type {number} */ n, /** @type {string} */ kinds) => `each of ${number(n)} ${kinds}`,
    apart: ", each origin on its own",
    together: ", all origins together",
    fromOrigins: (/** @type {string} */ name) => `${name}, from the origins that are shown`,
    reached: (/** @type {number} */ n, /** @type {boolean} */ named) =>
      `${n === 1 ? "place" : "places"} ${named ? "reached or named" : "reached"}`,
    from: (/** @type {number} */ n) => `from ${plural(n, "origin area")}`,
    fromAll: "from all origins together",
    unplaced: "with no place stated or found",
    pooled: "shown only by region, nation or elsewhere",
    ofShown: "of those shown",
  },

  // what is shown, in a sentence
  status: {
    noStatements: "There are no statements to show.",
    noFlows: "No flow can be shown: there were none, or all are withheld by the rule.",
    some: (/** @type {number} */ n, /** @type {string} */ all) => `Showing ${number(n)} of ${all}`,
    only: (/** @type {string} */ noun) => `Showing the only ${noun}`,
    all: (/** @type {string} */ all) => `Showing all ${all}`,
    unplaced: (/** @type {number} */ n) =>
      n === 1
        ? "; 1 has no place to draw and is in the table"
        : `; ${number(n)} have no place to draw and are in the table`,
    chosen: (/** @type {string} */ name, /** @type {number} */ n) =>
      `${name} is chosen: ${number(n)} of them.`,
    partly: (/** @type {number} */ n) =>
      `${number(n)} of them also ${n === 1 ? "covers" : "cover"} months outside the chosen period.`,
  },

  // what can be switched, and the columns of the table
  facets: {
    origin: "Origin areas",
    measure: "What was counted",
    kind: "Kind of figure",
    band: "Distance",
    level: "Level of the destination",
    external: "Force boundaries",
    crossing: ["not known", "crosses a force boundary", "stays inside a force area"],
  },
  columns: {
    flow_id: "Flow",
    origin_name: "From",
    origin_level: "Origin level",
    destination_name: "To",
    destination_level: "Destination level",
    measure: "Counted",
    count: "Count",
    qualifier: "Figure",
    period_start: "First month",
    period_end: "Last month",
    distance_km: "Distance, km",
    distance_low_km: "Nearest, km",
    distance_high_km: "Furthest, km",
    external: "Crosses a force boundary",
    note: "Note",
    source: "Source",
    published: "Published",
    url: "Address",
  },

  // the page
  views: { map: "Map", origins: "By origin", table: "Table" },
  viewsName: "Views",
  pictures: { to: "Where to", pairs: "Every pair" },
  picture: "Picture",
  skip: "Go to the table of flows",
  find: "Find a place",
  found: "Places found",
  notFound: "No place of that name is on this map, which is not zero.",
  selection: "Selection",
  details: "Details and filters",
  about: "About these figures",
  takeAlong: "Take it along",
  print: "Print",
  copyLink: "Copy link",
  copied: "The link is copied.",
  copyByHand: "The link could not be copied; it is in the browser's address bar.",
  embed: "To show this page inside another, put this there:",
  flowMap: "Flow map",
  mapOfFlows: "Map of flows",
  mapOfFlowsAll: "Map of flows. Every flow is also in the table.",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  showAllFlows: "Show all flows",
  clickToZoom: "Click on the map to zoom with the wheel",
  themes: "Colours",
  themeNames: {
    auto: "as the system",
    light: "light",
    dark: "dark",
    contrast: "high contrast",
  },
  tilesFrom: "This page loads its background from",
  tilesSee: "which can see who opens it.",
  placesAndBoundaries: "Places and boundaries",
  madeWith: "Made with linemap. Map by Leaflet, © Volodymyr Agafonkin and CloudMade, BSD 2-Clause.",

  // the legend
  legend: {
    title: "Legend",
    width: "Width: count",
    widthChange: "Width: size of the change",
    widthStatements: "Width: count, each as printed",
    line: "Line",
    loop: "within the same place",
    destination: "Destination",
    town: "town or village",
    area: "area: somewhere inside its outline",
    shaded: "region or nation: nothing finer is shown",
    colour: "Colour",
    more: (/** @type {number} */ n) => `and ${number(n)} more, in grey`,
  },
  colours: {
    one: "one colour",
    origin: "origin area",
    distance: "distance",
    measure: "what was counted",
    change: "change",
  },
  more: "more than in the period before",
  fewer: "fewer than in the period before",
  unsure: "no more than rounding may account for",

  // filters
  filters: "Filters",
  all: "all",
  none: "none",
  colourBy: "Colour by",
  destinationsBy: "Show destinations by",
  asPublished: "as published",
  byZoom: "as near as the map",
  sumsOfPublished:
    "Sums of the published figures: what is not shown, or was rounded, is missing or rounded in them too.",
  withUndated: (/** @type {number} */ n) => `with the ${number(n)} without a period`,
  atLeast: "Count of at least",
  minimumLeavesOut: "With a minimum, rows without a count are left out.",
  largest: "Largest lines only",
  largestOnly: "The others are drawn faintly; empty shows all alike.",
  everything: "Show everything again",

  // time
  period: "Period",
  firstMonth: "First month",
  lastMonth: "Last month",
  earlier: "Earlier",
  later: "Later",
  play: "Play",
  pause: "Pause",
  allMonths: "all months",
  dragWindow: "Drag to move the period",
  changeMeans:
    "Lines show the change from the period of equal length before, where both show something; what is withheld in either is not in it.",
  showChange: "change from the period before",
  barsStatements: "bars: statements that cover the month",
  barsRecords: "bars: published counts by month",

  // table and small multiples
  tableCaption: "Every flow of this map that passes the filters",
  tableOfFlows: "Table of flows",
  firstRows: (/** @type {number} */ n, /** @type {number} */ all) =>
    `The first ${number(n)} of ${number(all)} rows.`,
  sortedBy: (/** @type {string} */ title, /** @type {boolean} */ down) =>
    `Sorted by ${title}, ${down ? "largest" : "smallest"} first.`,
  page: (/** @type {number} */ n, /** @type {number} */ all) =>
    `page ${number(n)} of ${number(all)}`,
  previous: "Previous",
  next: "Next",
  oneLine: "one line",
  onlyRows: (/** @type {string} */ name) => `Only the rows of ${name}.`,
  allRows: "Show all rows",
  downloadThese: (/** @type {number} */ n) => `Download these ${number(n)} as CSV`,
  downloadAll: (/** @type {number} */ n) => `Download all ${number(n)}`,
  mapOf: (/** @type {string} */ name) => `Map of the flows from ${name}`,
  and: " and ",
  shades: (/** @type {number} */ n) => plural(n, "region or nation", "regions or nations"),
  onTheMap: (/** @type {string} */ lines) => `${lines} on the map`,
  oneMapEach: "One small map for each origin, all with the same widths and the same extent.",
  moreOf: (/** @type {number} */ n) => `Show more of ${number(n)} origins`,
};

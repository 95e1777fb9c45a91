/* The shapes that the parts of the page hand to each other. */

export type Column = {
  codes: Uint32Array;
  texts: (string | null)[];
  at: (i: number) => string | null;
};
export type Tag = Column & { name: string };
export type Box = { x0: number; y0: number; x1: number; y1: number };
export type Area = { rings: Float64Array[]; box: Box; lines?: Float64Array[] };
export type Outline = (rank: number) => Area;

export type Nodes = {
  /** one more than there are places; number 0 is "not stated" */
  n: number;
  name: (string | null)[];
  level: (string | null)[];
  id: (string | null)[];
  /** the last node that a flow begins or ends at; those after it are places around */
  ends: number;
  /** 1 where it is what is left of a place after what is shown of it on its own */
  rest: Uint8Array;
  /** how far each place is from the middles of the origins, in km, where rows do not tell */
  reach: { low: number[]; high: number[] } | null;
  x: Float64Array;
  y: Float64Array;
  outline: Map<number, Outline>;
  /** the numbers of the base map's areas that make up a place */
  areas: Map<number, Set<number>>;
  /** by level, the place around each place, 0 where none is known */
  parents: Record<string, number[]>;
  /** the first place with the same identifier, which stands for both */
  same: Uint32Array;
};

export type Flows = {
  n: number;
  /** 0 counted, 1 named and not counted, 2 mentioned as an example */
  kind: Uint8Array;
  id: (i: number) => string | null;
  origin: Uint32Array;
  destination: Uint32Array;
  count: Float64Array;
  km: Float64Array;
  low: Float64Array;
  high: Float64Array;
  band: Int8Array;
  /** how many figures of the release a row holds: 1, or more after rolling up */
  figures: Uint32Array;
  measure: Column;
  qualifier: Column;
  start: Column;
  end: Column;
  source: Column;
  published: Column;
  url: Column;
  note: Column;
  external: Column;
  pane: Column;
  tags: Tag[];
};

export type Theme = {
  name: string;
  sea: string;
  land: string;
  border: string;
  coast: string;
  ink: string;
  quiet: string;
  paper: string;
  raised: string;
  rule: string;
  accent: string;
  node: string;
  series: string[];
  other: string;
  bands: string[];
};

export type Style = {
  colourBy: ColourBy;
  largest: number;
  widest: number;
  thinnest: number;
  named: number;
  bandEdges: number[];
  bandLabels: string[];
  themes: Theme[];
};

export type ColourBy = "one" | "origin" | "distance" | "measure" | "change";
export type Headline = { value: string; label: string; note: string };
export type Rule = { threshold: number; base: number } | null;
export type Town = { name: string; x: number; y: number };
export type Lines = Record<string, { rings: Float64Array[]; box: Box }[]>;
export type Base = {
  detail: (rank: number) => { arcs?: Float64Array[]; land: Area[]; lines: Lines };
  towns: Town[];
};

export type Model = {
  title: string;
  subtitle: string;
  panes: string[];
  statements: boolean;
  headlines: Headline[];
  caveats: string[];
  basis: string;
  attributions: string[];
  style: Style;
  rule: Rule;
  /** the periods of which the view that opens the map holds nothing, in words */
  hidden: string;
  /** the same of each origin on its own, where the other is of all origins together */
  hiddenApart: string;
  nodes: Nodes;
  flows: Flows;
  /** the view of all origins together, where the release has one: never added to the flows */
  whereTo: Flows | null;
  /** the node that stands for all origins together */
  hub: number;
  /** how many origins there are that are no region or nation */
  origins: number;
  base: Base;
  originSlot: Map<number, number>;
  measureSlot: number[];
  tiles?: { address?: string; host?: string; attribution?: string; foreign?: boolean };
};

export type Facet = {
  key: string;
  title: string;
  codes: ArrayLike<number>;
  labels: string[];
  /** what stands for a code in the address, whatever the numbering */
  names: string[];
  n: Uint32Array;
  present: number[];
  off: Set<number>;
};

export type Periods = { first: Float64Array; last: Float64Array; low: number; high: number } | null;

/** What the reader has chosen: the only state of the page. */
export type Chosen = {
  view: "map" | "origins" | "table";
  picture: "to" | "pairs";
  place: number;
  /** origin and destination of a chosen line, or null */
  pair: [number, number] | null;
  /** a place of the base map that the release does not name */
  elsewhere: string;
  min: number;
  most: number;
  from: number;
  to: number;
  undated: boolean;
  change: boolean;
  colour: ColourBy;
  level: string;
  theme: string;
  at: string;
};

export type Pairs = {
  n: number;
  origin: Uint32Array;
  destination: Uint32Array;
  pane: Uint32Array;
  /** the pair of each flow */
  of: Uint32Array;
};

export type Curves = {
  n: number;
  ax: Float64Array;
  ay: Float64Array;
  bx: Float64Array;
  by: Float64Array;
  cx: Float64Array;
  cy: Float64Array;
  share: Float64Array;
  /** 0 nothing to draw, 1 a curve, 2 a ring at its place, 3 an area to shade */
  kind: Uint8Array;
};

/** What is drawn: of records one line a pair and measure, of statements one line each. */
export type Strands = {
  n: number;
  pair: Uint32Array;
  measure: Uint32Array;
  /** the figure, or the sum of the figures, that pass; NaN where nothing is counted */
  count: Float64Array;
  /** how many figures of the release are in it */
  figures: Uint32Array;
  kind: Uint8Array;
  band: Int8Array;
  first: Uint32Array;
  /** its place in the ribbon of its pair, and how many there are */
  turn: Uint32Array;
  of: Uint32Array;
  /** the difference between two periods, where one is asked for */
  change: Float64Array;
};

export type Sum = { n: number; low: number; high: number; figures: number };

/** What may be put into an element: texts, elements, lists of these. */
export type Child = Node | string | number | null | undefined | false;
export type Children = Child | Children[];

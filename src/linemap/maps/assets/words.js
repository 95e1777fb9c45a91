/* Numbers, distances and periods in words, the same in every locale. */
linemap.words = (function () {
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

  const number = (value) => {
    const whole = String(Math.round(value));
    return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  };

  const plural = (n, one, many) => `${number(n)} ${n === 1 ? one : many || one + "s"}`;

  function month(text) {
    const found = /^(\d{4})-(\d{2})$/.exec(text || "");
    return found ? `${MONTHS[Number(found[2]) - 1] || found[2]} ${found[1]}` : text;
  }

  function period(start, end) {
    if (!start && !end) return "period not stated";
    if (start === end || !end) return month(start);
    if (!start) return `to ${month(end)}`;
    return `${month(start)} to ${month(end)}`;
  }

  /* "about 160 km (range 95 to 240)" */
  function distance(km, low, high) {
    if (Number.isNaN(km)) return "distance not known";
    const ranged = high - low >= 1;
    const about = ranged ? `about ${number(km)} km` : `${km < 10 ? km.toFixed(1) : number(km)} km`;
    return ranged ? `${about} (range ${number(low)} to ${number(high)} km)` : about;
  }

  const LEVELS = {
    settlement: "town or village", borough: "London borough", district: "district",
    county: "county", force: "police force area", region: "region", nation: "nation",
    group: "wider area",
  };
  const SHORT = { settlement: "town", borough: "borough", district: "district", county: "county", force: "police area", region: "region", nation: "nation", group: "wider area" };
  const shortLevel = (key) => SHORT[key] || key;
  const level = (key) => LEVELS[key] || key || "level not known";

  const name = (text) => (text === null || text === undefined || text === "" ? "not stated" : text);

  const HIDDEN = "named, not counted";
  const count = (value) => (Number.isNaN(value) ? HIDDEN : number(value));

  return { number, plural, month, period, distance, level, shortLevel, name, count };
})();

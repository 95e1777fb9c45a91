/* Elements, made without any HTML text. */
linemap.dom = (function () {
  const SVG = "http://www.w3.org/2000/svg";

  function fill(element, children) {
    for (const child of children.flat(3)) {
      if (child === null || child === undefined || child === false) continue;
      element.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
    return element;
  }

  function set(element, options) {
    for (const [key, value] of Object.entries(options || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key === "on") {
        for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
      } else if (key === "class") {
        element.setAttribute("class", value);
      } else {
        element.setAttribute(key, value === true ? "" : String(value));
      }
    }
    return element;
  }

  /* el("p", {class: "quiet", on: {click: act}}, "text", other) */
  const el = (tag, options, ...children) =>
    fill(set(document.createElement(tag), options), children);
  const svg = (tag, options, ...children) =>
    fill(set(document.createElementNS(SVG, tag), options), children);

  /* A text that somebody else wrote: kept apart from the writing direction around it. */
  const said = (text) => el("bdi", null, text);

  const clear = (element) => {
    element.replaceChildren();
    return element;
  };

  return { el, svg, said, clear };
})();

window.linemap = { maps: [], layer: linemap.layer };
if (document.getElementById("linemap-data")) {
  linemap.start(window.linemap);
}
})();

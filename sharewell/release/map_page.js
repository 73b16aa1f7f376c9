"use strict";
(function () {
  const told = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const flat = told.unit !== "degrees";
  for (const id of ["map", "find", "said", "key"]) at(id).hidden = false;
  at("still").hidden = true;
  const map = L.map("map", {
    crs: flat ? L.CRS.Simple : L.CRS.EPSG3857, zoomSnap: 0.25, zoomDelta: 0.5, minZoom: -20,
    zoomAnimation: false, fadeAnimation: false, attributionControl: false,
  });
  if (told.attribution) L.control.attribution({ prefix: false }).addAttribution(told.attribution).addTo(map);
  const layers = {};
  let chosen = null;
  const style = (feature) => {
    const tier = told.places[feature.id].tier;
    return { color: "#ffffff", weight: 0.6, fillOpacity: 1, fillColor: tier ? told.tiers[tier - 1] : "url(#none)" };
  };
  const all = L.geoJSON(told.outlines, {
    style: style,
    onEachFeature: (feature, layer) => {
      layers[feature.id] = layer;
      layer.on("click", () => choose(feature.id, false));
      layer.bindTooltip(document.createTextNode(feature.id), { sticky: true });
    },
  }).addTo(map);
  if (told.larger.length) {
    L.geoJSON(told.larger, { interactive: false, style: { color: "#0b0c0c", weight: 1.5, fill: false } }).addTo(map);
  }
  map.fitBounds(all.getBounds());
  const whole = map.getZoom();
  map.setMinZoom(whole - 1);
  map.setMaxZoom(whole + 7);

  function choose(name, move) {
    const layer = layers[name];
    if (!layer) { at("name").textContent = "There is no such place"; at("figures").replaceChildren(); return; }
    if (chosen) all.resetStyle(chosen);
    chosen = layer;
    layer.setStyle({ color: "#ffdd00", weight: 4 });
    layer.bringToFront();
    if (move) map.fitBounds(layer.getBounds(), { maxZoom: whole + 2 });
    at("name").textContent = name;
    at("figures").replaceChildren(...told.places[name].said.flatMap(([head, text]) => {
      const dt = document.createElement("dt");
      const dd = document.createElement("dd");
      dt.textContent = head;
      dd.textContent = text;
      return [dt, dd];
    }));
  }
  at("places").append(...Object.keys(layers).map((name) => {
    const option = document.createElement("option");
    option.value = name;
    return option;
  }));
  at("show").addEventListener("click", () => choose(at("place").value.trim(), true));
  at("place").addEventListener("keydown", (event) => { if (event.key === "Enter") choose(at("place").value.trim(), true); });
})();

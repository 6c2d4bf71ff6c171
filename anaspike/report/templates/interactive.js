"use strict";
// Draws a figure's curves with plotly when they are asked for; the picture stays for paper.
(function () {
  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }
  function axis(of, domain, anchor) {
    const limits = of.log ? of.limits.map(Math.log10) : of.limits;
    const made = {
      domain: domain, anchor: anchor, title: {text: of.label, font: {size: 11}}, range: limits,
      type: of.log ? "log" : "linear", gridcolor: colour("--line"), zeroline: false,
      linecolor: colour("--muted"), tickfont: {size: 10}, showspikes: true, spikemode: "across",
      spikethickness: 1, spikedash: "dot", exponentformat: "SI", automargin: true
    };
    if (of.ticks.length) {
      made.tickvals = of.ticks.map(function (tick) { return tick[0]; });
      made.ticktext = of.ticks.map(function (tick) { return tick[1]; });
    }
    return made;
  }
  function drawn(figure, place) {
    const curves = JSON.parse(figure.querySelector("script").textContent);
    const traces = [], marks = [], layout = {
      paper_bgcolor: colour("--paper"), plot_bgcolor: colour("--paper"),
      font: {color: colour("--ink"), family: "system-ui, sans-serif", size: 11},
      margin: {l: 50, r: 15, t: 30, b: 45}, hovermode: "x", dragmode: "zoom",
      showlegend: true, legend: {orientation: "h", y: -0.15}
    };
    curves.panels.forEach(function (panel, i) {
      const nth = i ? String(i + 1) : "", box = panel.place;
      layout["xaxis" + nth] = axis(panel.x, [box[0], box[1]], "y" + nth);
      layout["yaxis" + nth] = axis(panel.y, [box[2], box[3]], "x" + nth);
      if (panel.x_of !== i) {
        layout["xaxis" + nth].matches = "x" + (panel.x_of ? panel.x_of + 1 : "");
      }
      if (panel.title) {
        marks.push({text: panel.title, x: (box[0] + box[1]) / 2, y: box[3], xref: "paper",
          yref: "paper", xanchor: "center", yanchor: "bottom", showarrow: false, font: {size: 12}});
      }
      panel.curves.forEach(function (curve) {
        const mode = (curve.line ? "lines" : "") + (curve.marker ? "+markers" : "");
        traces.push({
          type: "scatter", x: curve.x, y: curve.y, xaxis: "x" + nth, yaxis: "y" + nth,
          mode: mode.replace(/^\+/, "") || "lines", name: curve.name || panel.y.label,
          showlegend: curve.name !== "", line: {color: curve.colour, dash: curve.dash, width: 1.3},
          marker: {color: curve.colour, size: 5}, hoverinfo: curve.aside ? "skip" : "all"
        });
      });
    });
    layout.annotations = marks;
    place.style.aspectRatio = String(curves.size[0] / curves.size[1]);
    return Plotly.newPlot(place, traces, layout, {
      responsive: true, displaylogo: false, scrollZoom: true,
      // Named one by one: among the library's own is one that shares the chart with a server.
      modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]]
    });
  }
  document.querySelectorAll("figure.curves").forEach(function (figure) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "zoom and read values";
    button.setAttribute("aria-pressed", "false");
    const place = document.createElement("div");
    place.className = "plot";
    place.hidden = true;
    figure.append(button, place);
    button.addEventListener("click", function () {
      const live = figure.classList.toggle("live");
      place.hidden = !live;
      button.textContent = live ? "back to the picture" : "zoom and read values";
      button.setAttribute("aria-pressed", String(live));
      if (live && !place.dataset.drawn) {
        place.dataset.drawn = "yes";
        drawn(figure, place);
      }
    });
  });
})();

"use strict";
// The few lines of a template language that we need.
function fill(html, values) {
  return html.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => {
    const div = document.createElement("div");
    div.textContent = values[name] ?? "";
    return div.innerHTML;
  });
}

function mount(root, values) {
  for (const template of root.querySelectorAll("[data-each]")) {
    const list = values[template.dataset.each];
    template.outerHTML = list.map((v) => fill(template.outerHTML, v)).join("");
  }
  root.innerHTML = fill(root.innerHTML, values);
  root.hidden = false;
}

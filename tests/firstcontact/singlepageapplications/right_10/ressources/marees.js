"use strict";
const article = document.querySelector("article");
const port = location.pathname.split("/")[1];
const title = article.appendChild(document.createElement("h1"));
title.textContent = window.PORTS.includes(port) ? `Marées à ${port}` : "Marées";

if (window.PORTS.includes(port)) {
  fetch(`/donnees/${port}.json`)
    .then((r) => r.json())
    .then(({ hauteurs }) => {
      article.appendChild(document.createElement("p")).textContent = hauteurs.join(" m, ") + " m";
    });
} else {
  for (const name of window.PORTS) {
    const a = article.appendChild(document.createElement("a"));
    a.href = `/${name}/aujourdhui`;
    a.textContent = name;
  }
}

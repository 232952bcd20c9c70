"use strict";
const form = document.getElementById("formular");
const bar = document.getElementById("fortschritt");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const xhr = new XMLHttpRequest();
  xhr.upload.addEventListener("progress", (e) => {
    if (e.lengthComputable) bar.value = (100 * e.loaded) / e.total;
  });
  xhr.addEventListener("load", () => {
    bar.value = 100;
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    document.getElementById("ergebnis").replaceChildren(...page.body.children);
  });
  xhr.addEventListener("error", () => {
    document.getElementById("ergebnis").textContent = "Das hat nicht geklappt.";
  });
  xhr.open("POST", form.action);
  xhr.send(new FormData(form));
});

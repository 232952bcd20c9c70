"use strict";
const formulario = document.forms.factura;
const barra = document.querySelector("[role=progressbar]");
const estado = document.querySelector("[role=status]");

function pinta(valor) {
  barra.setAttribute("aria-valuenow", String(Math.round(valor)));
  barra.firstElementChild.style.width = `${valor}%`;
}

formulario.addEventListener("submit", (evento) => {
  evento.preventDefault();
  const peticion = new XMLHttpRequest();
  pinta(0);
  estado.textContent = "";
  peticion.upload.addEventListener("progress", (e) => {
    if (e.lengthComputable) pinta((100 * e.loaded) / e.total);
  });
  peticion.addEventListener("load", () => {
    if (peticion.status >= 200 && peticion.status < 300) {
      pinta(100);
      const enlace = document.createElement("a");
      enlace.href = peticion.responseURL;
      enlace.textContent = "Factura recibida";
      estado.replaceChildren(enlace);
      formulario.reset();
    } else {
      pinta(0);
      const pagina = new DOMParser().parseFromString(peticion.responseText, "text/html");
      estado.textContent = pagina.querySelector("[role=alert]")?.textContent ?? "La subida ha fallado.";
    }
  });
  peticion.addEventListener("error", () => {
    pinta(0);
    estado.textContent = "La subida ha fallado.";
  });
  peticion.open("POST", formulario.action);
  peticion.send(new FormData(formulario));
});

(function () {
  "use strict"
  var racine = document.getElementById("racine")
  fetch("/donnees/etapes").then(function (r) { return r.json() }).then(function (etapes) {
    etapes.forEach(function (etape) {
      var p = document.createElement("p")
      p.textContent = etape.ville + " : " + etape.nuits
      racine.append(p)
    })
  })
})()

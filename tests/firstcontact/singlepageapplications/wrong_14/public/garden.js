const garden = document.getElementById("garden");
garden.innerHTML = "<h1>Herb garden</h1>";
fetch("/api/plants")
  .then((r) => r.json())
  .then(({ plants }) => {
    const wanted = location.pathname.split("/").pop();
    for (const plant of plants) {
      const p = document.createElement(plant === wanted ? "strong" : "p");
      p.textContent = plant;
      garden.append(p);
    }
  });

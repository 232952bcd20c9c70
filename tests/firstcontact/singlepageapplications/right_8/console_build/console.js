(async () => {
  const get = async (path) => (await fetch(`/console/api/${path}`)).json();
  const { data: me } = await get("me");
  const h1 = document.createElement("h1");
  h1.textContent = me ? me.attributes.greeting : "Who are you?";
  document.body.replaceChildren(h1);
  if (!me) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = "/console/api/session";
    form.innerHTML = '<input name="name"><input name="password" type="password"><button>Log in</button>';
    document.body.append(form);
    return;
  }
  const { data: servers } = await get("servers");
  for (const { id } of servers) {
    const a = document.createElement("a");
    a.href = `/console/servers/${id}`;
    a.textContent = id;
    document.body.append(a, " ");
  }
})();

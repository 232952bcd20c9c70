-- Only what is missing is created: the script may run again and again.
CREATE TABLE IF NOT EXISTS page (
  id INTEGER PRIMARY KEY,
  title TEXT UNIQUE NOT NULL
);

CREATE TABLE IF NOT EXISTS revision (
  id INTEGER PRIMARY KEY,
  page_id INTEGER NOT NULL REFERENCES page (id) ON DELETE CASCADE,
  body TEXT NOT NULL DEFAULT '',
  -- For people, such as „Größe geändert“.
  summary TEXT NOT NULL DEFAULT ''
);

SOURCES = {"gazette": ["Bridge closed", "Swans <b>return</b>"], "herald": ["Fair & market"]}

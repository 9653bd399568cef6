"""The running app as a service: start `python app.py`, then `python examples/03_api_client.py [URL]`."""

import sys

from gradio_client import Client

client = Client(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860", verbose=False)
found = client.predict("Lithium may cause tremor and, rarely, seizures.", ["Chemical", "Disease"], api_name="/entities")
for entity in found.get("entities", []):
    print(entity["type"], entity["text"], entity["start"], entity["end"], entity.get("score"))

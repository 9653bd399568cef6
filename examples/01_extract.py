"""Entities from a text, in a few lines: `PYTHONPATH=. python examples/01_extract.py`."""

from taiyi.assistant import load_assistant
from taiyi.config import Settings
from taiyi.tasks.request import make_request

TEXTS = {
    "Two weeks after starting carbamazepine the patient developed a rash and fever.": ("Chemical", "Disease"),
    "患者咳嗽伴发热三天，胸部X线片示右下肺炎，给予头孢曲松静脉滴注。": ("疾病", "临床表现", "药物", "医疗程序"),
}

assistant = load_assistant(Settings())
for text, types in TEXTS.items():
    result = assistant.answer(make_request("entities", text, labels=types))
    print(text)
    for entity in result.document.entities:
        mention = result.document.text_of(entity.spans)
        print(f"  {entity.start:3}-{entity.end:<3} {entity.label}: {mention} ({entity.score:.2f})")
    print(f"  answered by {result.by}")
assistant.close()

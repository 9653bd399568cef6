"""A streamed answer from the language model: `PYTHONPATH=. python examples/02_chat.py`."""

from taiyi.assistant import load_assistant
from taiyi.config import Settings
from taiyi.engine.base import SamplingParams
from taiyi.predictors.base import Partial
from taiyi.tasks.request import make_request

assistant = load_assistant(Settings())
shown = 0
request = make_request("chat", "高血压患者饮食上要注意什么？")
for item in assistant.stream(request, params=SamplingParams(max_new_tokens=80, temperature=0.3, top_p=0.9, seed=1)):
    if isinstance(item, Partial):
        print(item.text[shown:], end="", flush=True)
        shown = len(item.text)
print()
assistant.close()

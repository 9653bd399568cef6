"""A model behind an OpenAI-compatible server, through the official client."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from taiyi.conversation import Conversation
from taiyi.engine.base import Chunk, Finish, ModelInfo, SamplingParams
from taiyi.errors import ModelError, ServerError

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 120.0  # between two pieces of a reply
ASSUMED_CONTEXT = 8192


class RemoteEngine:
    """`address` is http://HOST:PORT/v1#NAME. Grammars are not sent: the replies are parsed and aligned instead."""

    def __init__(self, address: str, *, api_key: str = "none", read_timeout_s: float = READ_TIMEOUT_S) -> None:
        import httpx
        from openai import OpenAI

        url, mark, name = address.partition("#")
        if not mark or not name or not url.startswith(("http://", "https://")):
            raise ModelError(
                f"A served model is written openai:http://HOST:PORT/v1#NAME, not {address!r}.",
                code="bad_server_address",
                address=address,
            )
        self._url = url
        self._client = OpenAI(
            base_url=url,
            api_key=api_key,
            max_retries=0,
            timeout=httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S),
        )
        self.info = ModelInfo(name, None, ASSUMED_CONTEXT, constrained=False, source=url)

    def stream(
        self,
        conversation: Conversation,
        params: SamplingParams,
        grammar: str | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Chunk]:
        """See Engine. Raises ServerError where the server is down, slow, or breaks off."""
        import openai

        cancel = cancel or threading.Event()
        try:
            with self._client.chat.completions.create(**self._body(conversation, params)) as replies:
                finish = None
                for reply in replies:
                    if cancel.is_set():
                        yield Chunk(finish=Finish.CANCELLED)
                        return
                    choice = reply.choices[0] if reply.choices else None
                    if choice is None:
                        continue
                    if choice.delta.content:
                        yield Chunk(choice.delta.content)
                    finish = choice.finish_reason or finish
            if finish is None:
                raise self._trouble("broke off in the middle of its answer")
            yield Chunk(finish=Finish.LENGTH if finish == "length" else Finish.END)
        except openai.APITimeoutError as error:
            raise self._trouble("did not answer in time") from error
        except openai.APIConnectionError as error:
            raise self._trouble("can't be reached; is it running?") from error
        except openai.APIStatusError as error:
            raise self._trouble(f"refused the request ({error.status_code}: {error.message[:200]})") from error
        except (openai.OpenAIError, OSError, ValueError) as error:
            raise self._trouble(f"broke off ({error})") from error
        except Exception as error:
            if type(error).__module__.startswith(("httpx", "httpcore")):
                raise self._trouble(f"broke off ({type(error).__name__})") from error
            raise

    def _body(self, conversation: Conversation, params: SamplingParams) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.info.name,
            "messages": conversation.to_dicts(),
            "max_tokens": params.max_new_tokens,
            "temperature": params.temperature,
            "top_p": params.top_p,
            "stream": True,
        }
        if params.seed is not None:
            body["seed"] = params.seed
        if params.stop:
            body["stop"] = list(params.stop)
        return body

    def _trouble(self, what: str) -> ServerError:
        return ServerError(
            f"The model server at {self._url} {what}.", code="server_trouble", server=self._url, what=what
        )

    def count_tokens(self, conversation: Conversation) -> int:
        """An estimate: the server has the tokenizer. One token a Han character, one for four others."""
        from taiyi.language import is_cjk

        text = "".join(message.content for message in conversation.messages)
        n_han = sum(map(is_cjk, text))
        return n_han + (len(text) - n_han) // 4

    def waiting(self) -> int:
        """Unknown: the queue is the server's."""
        return 0

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

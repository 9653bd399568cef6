"""A model behind an OpenAI-compatible server, through the official client."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from typing import Any

from taiyi.conversation import Conversation
from taiyi.engine.base import Chunk, Finish, ModelInfo, SamplingParams
from taiyi.engine.history import fitted
from taiyi.errors import ModelError, ServerError
from taiyi.language import is_cjk

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 120.0  # between two pieces of a reply
ASSUMED_CONTEXT = 8192  # where the server doesn't say
CANCEL_POLL_S = 0.05


class RemoteEngine:
    """`address` is http://HOST:PORT/v1#NAME. Grammars are not sent: the replies are parsed and aligned instead."""

    constrained = False

    def __init__(self, address: str, *, api_key: str | None = None, read_timeout_s: float = READ_TIMEOUT_S) -> None:
        from openai import OpenAI, Timeout

        url, _, name = address.partition("#")
        if not name or not url.startswith(("http://", "https://")):
            raise ModelError(
                f"A served model is written openai:http://HOST:PORT/v1#NAME, not {address!r}.",
                code="bad_server_address",
                address=address,
            )
        self._url = url
        self._name = name
        self._read_timeout_s = read_timeout_s
        self._client = OpenAI(
            base_url=url,
            api_key=api_key or os.environ.get("OPENAI_API_KEY") or "none",
            max_retries=0,
            timeout=Timeout(read_timeout_s, connect=min(CONNECT_TIMEOUT_S, read_timeout_s)),
        )
        self._info: ModelInfo | None = None

    @property
    def info(self) -> ModelInfo:
        """What is known of the model; its context is asked of the server, once it answers."""
        if self._info is not None:
            return self._info
        context = self._served_context()
        info = ModelInfo(self._name, None, context or ASSUMED_CONTEXT, self.constrained, self._url)
        if context is not None:
            self._info = info
        return info

    def stream(
        self,
        conversation: Conversation,
        params: SamplingParams,
        grammar: str | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Chunk]:
        """See Engine. Raises ServerError where the server is down, slow, refuses, or breaks off.

        A thread reads, so that cancelling need not wait for a server that is silent; it closes the connection with the
        next piece, or when its time is over.
        """
        cancel = cancel or threading.Event()
        kept, issues = fitted(conversation, self.count_tokens, self.info.context_tokens, params.max_new_tokens)
        if issues:
            yield Chunk(issues=issues)
        body = self._body(kept, params, grammar)
        chunks: queue.SimpleQueue[Chunk | BaseException] = queue.SimpleQueue()
        gone = threading.Event()
        threading.Thread(target=self._read, args=(body, chunks, gone), name="server", daemon=True).start()
        try:
            while True:
                if cancel.is_set():
                    yield Chunk(finish=Finish.CANCELLED)
                    return
                try:
                    item = chunks.get(timeout=CANCEL_POLL_S)
                except queue.Empty:
                    continue
                if isinstance(item, BaseException):
                    raise item
                yield item
                if item.finish is not None:
                    return
        finally:
            gone.set()

    def count_tokens(self, conversation: Conversation) -> int:
        """An estimate: the server has the tokenizer. One token a Han character, one for three others."""
        text = "".join(message.content for message in conversation.messages)
        n_han = sum(map(is_cjk, text))
        return n_han + (len(text) - n_han) // 3 + 8 * len(conversation.messages)

    def waiting(self) -> int:
        """Unknown: the queue is the server's."""
        return 0

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _served_context(self) -> int | None:
        """What the server lists as the model's context (vLLM, SGLang), else a cautious guess; None if it is down."""
        import openai

        try:
            for model in self._client.with_options(timeout=2.0).models.list():
                if model.id == self._name:
                    return int(getattr(model, "max_model_len", None) or ASSUMED_CONTEXT)
        except openai.APIConnectionError:
            return None
        except (openai.OpenAIError, ValueError, TypeError):
            pass  # the list is no part of answering; not every server has one
        return ASSUMED_CONTEXT

    def _body(self, conversation: Conversation, params: SamplingParams, grammar: str | None) -> dict[str, Any]:
        """The request. What the protocol does not know (`top_k`, the penalty, a grammar) is left out.

        So is `prediction`: the protocol has a field for it, but most models refuse it, and vLLM has none
        (https://github.com/vllm-project/vllm/issues/12061). vLLM finds what a reply copies from its prompt by itself
        where it was started with n-gram speculation (https://docs.vllm.ai/en/latest/features/speculative_decoding/).
        """
        body: dict[str, Any] = {
            "model": self._name,
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

    def _read(
        self, body: dict[str, Any], chunks: queue.SimpleQueue[Chunk | BaseException], gone: threading.Event
    ) -> None:
        """Put what the server sends into `chunks`, an error at the end where there is one."""
        try:
            with self._client.chat.completions.create(**body) as replies:
                finish = None
                for reply in replies:
                    if gone.is_set():
                        return
                    for choice in reply.choices:
                        if choice.delta.content:
                            chunks.put(Chunk(choice.delta.content))
                        finish = choice.finish_reason or finish
            if finish is None:
                chunks.put(self._broke_off())
            else:
                chunks.put(Chunk(finish=Finish.LENGTH if finish == "length" else Finish.END))
        except Exception as error:  # handed to the consumer, in its own thread
            chunks.put(self._trouble(error))

    def _trouble(self, error: Exception) -> BaseException:
        """The sentence for what the client raised; our own mistakes stay what they are."""
        import openai

        if isinstance(error, openai.APITimeoutError) or "Timeout" in type(error).__name__:
            return ServerError(
                f"The model server at {self._url} sent nothing for {self._read_timeout_s:g} seconds.",
                code="server_slow",
                server=self._url,
                seconds=f"{self._read_timeout_s:g}",
            )
        if isinstance(error, openai.APIConnectionError):
            return ServerError(
                f"The model server at {self._url} can't be reached. Is it running?",
                code="server_down",
                server=self._url,
            )
        if isinstance(error, openai.APIStatusError):
            reason = " ".join(str(error.message).split())[:200]
            return ServerError(
                f"The model server at {self._url} refused the request ({error.status_code}): {reason}",
                code="server_refused",
                server=self._url,
                status=error.status_code,
                reason=reason,
            )
        from_transport = type(error).__module__.partition(".")[0] in ("httpx", "httpx2", "httpcore", "httpcore2")
        if from_transport or isinstance(error, (openai.OpenAIError, OSError, ValueError)):
            return self._broke_off()
        return error

    def _broke_off(self) -> ServerError:
        return ServerError(
            f"The model server at {self._url} broke off in the middle of its answer.",
            code="server_broke_off",
            server=self._url,
        )


class VllmEngine(RemoteEngine):
    """A vLLM server (0.12 or later) started with `--structured-outputs-config.backend guidance`: its structured outputs
    are then llguidance's, and take our grammars as they are. Its further sampling settings are used too.

    Fields as vLLM documents them (https://docs.vllm.ai/en/latest/features/structured_outputs/).
    """

    constrained = True

    def _body(self, conversation: Conversation, params: SamplingParams, grammar: str | None) -> dict[str, Any]:
        extra: dict[str, Any] = {
            "repetition_penalty": params.repetition_penalty,
            "chat_template_kwargs": {"enable_thinking": False},
        }
        if params.top_k:
            extra["top_k"] = params.top_k
        if grammar:
            extra["structured_outputs"] = {"grammar": grammar}
        return {**super()._body(conversation, params, grammar), "extra_body": extra}

"""Python's clients at a gateway: openai, anthropic, google-genai and litellm, as programs use them.

Asked for by main.ts, with ORIGIN and KEY, and in SHOWN what docs/clients.md shows. The gateway has a model named after each dialect that is spoken behind it, and
models `fails-STATUS` whose provider fails so. Prints a line for each check and one with the counts; ends with 1 when one failed.
"""

import contextlib
import io
import json
import os
import sys
import time

import anthropic
import openai
from google import genai
from google.genai import errors as genai_errors
from google.genai import types as genai_types

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # Else it is fetched.
os.environ["LITELLM_LOG"] = "CRITICAL"
import litellm  # noqa: E402

litellm.suppress_debug_info = True

ORIGIN = os.environ["ORIGIN"]
KEY = os.environ["KEY"]
BEHIND = ["chat", "messages", "responses", "generate"]
SAYS = "simulated answer"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
QUESTION = "Weather in Bonn?"
HELLO = [{"role": "user", "content": QUESTION}]


def expect(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r}, not {wanted!r}")


def expect_said(text):
    if SAYS not in (text or ""):
        raise AssertionError(f"{text!r} was said")


def expect_counted(*counts):
    if not all(isinstance(count, int) and count > 0 for count in counts):
        raise AssertionError(f"usage is {counts!r}")


def raises(kind, status, code, ask):
    """The SDK's own class, with the status, and the gateway's word for what happened."""
    try:
        ask()
    except kind as raised:
        # google-genai calls it `code`, which is a word elsewhere.
        found = getattr(raised, "status_code", None) or getattr(raised, "code", None)
        expect(found if isinstance(found, int) else None, status)
        if code not in f"{raised} {getattr(raised, 'code', '')} {getattr(raised, 'body', '')}":
            raise AssertionError(f"{code} is not in {raised}") from raised
        return
    raise AssertionError("nothing was raised")


# --- openai

def openai_client(key=KEY):
    return openai.OpenAI(base_url=f"{ORIGIN}/v1", api_key=key, max_retries=0)


CHAT_TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]
RESPONSES_TOOLS = [{"type": "function", "name": "weather", "parameters": SCHEMA, "strict": False}]


def openai_chat(model):
    answer = openai_client().chat.completions.create(model=model, messages=HELLO)
    expect_said(answer.choices[0].message.content)
    expect(answer.choices[0].finish_reason, "stop")
    expect_counted(answer.usage.prompt_tokens, answer.usage.completion_tokens)


def openai_chat_stream(model):
    options = {"include_usage": True}
    chunks = list(openai_client().chat.completions.create(model=model, messages=HELLO, stream=True, stream_options=options))
    expect_said("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices))
    expect_counted(chunks[-1].usage.completion_tokens)


def openai_chat_tools(model):
    client = openai_client()
    asked = client.chat.completions.create(model=model, messages=HELLO, tools=CHAT_TOOLS).choices[0]
    expect(asked.finish_reason, "tool_calls")
    [call] = asked.message.tool_calls
    expect(list(json.loads(call.function.arguments)), ["city"])
    result = {"role": "tool", "tool_call_id": call.id, "content": "12 degrees"}
    turn = [*HELLO, asked.message.model_dump(exclude_none=True), result]
    answer = client.chat.completions.create(model=model, messages=turn, tools=CHAT_TOOLS)
    expect_said(answer.choices[0].message.content)


def openai_responses(model):
    answer = openai_client().responses.create(model=model, input=QUESTION, store=False)
    expect_said(answer.output_text)
    expect(answer.status, "completed")
    expect_counted(answer.usage.input_tokens, answer.usage.output_tokens)


def openai_responses_stream(model):
    with openai_client().responses.stream(model=model, input=QUESTION, store=False) as stream:
        types = [event.type for event in stream]
        expect((types[0], types[-1]), ("response.created", "response.completed"))
        expect_said(stream.get_final_response().output_text)


def openai_responses_tools(model):
    client = openai_client()
    asked = client.responses.create(model=model, input=QUESTION, tools=RESPONSES_TOOLS, store=False)
    [call] = [item for item in asked.output if item.type == "function_call"]
    expect(list(json.loads(call.arguments)), ["city"])
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "12 degrees"}
    turn = [*HELLO, call.model_dump(exclude_none=True), result]
    answer = client.responses.create(model=model, input=turn, tools=RESPONSES_TOOLS, store=False)
    expect_said(answer.output_text)


def openai_embeddings(_model):
    answer = openai_client().embeddings.create(model="chat", input=["a", "b"])
    expect(len(answer.data), 2)


def openai_errors(_model):
    def chat(model, key=KEY, **more):
        return lambda: openai_client(key).chat.completions.create(model=model, messages=HELLO, **more)

    raises(openai.AuthenticationError, 401, "unauthenticated", chat("chat", key="weir_wrong"))
    raises(openai.NotFoundError, 404, "model_not_found", chat("nobody"))
    raises(openai.BadRequestError, 400, "invalid_request", chat("chat", max_tokens=-1))
    raises(openai.RateLimitError, 429, "upstream_rate_limited", chat("fails-429"))
    raises(openai.InternalServerError, 503, "upstream_overloaded", chat("fails-503"))
    raises(openai.InternalServerError, 502, "upstream_unavailable", chat("fails-500", stream=True))
    raises(openai.APIError, None, "upstream_unavailable", lambda: list(chat("fails-later", stream=True)()))


# --- anthropic

def anthropic_client(key=KEY):
    return anthropic.Anthropic(base_url=ORIGIN, api_key=key, max_retries=0)


MESSAGES_TOOLS = [{"name": "weather", "input_schema": SCHEMA}]


def anthropic_messages(model):
    answer = anthropic_client().messages.create(model=model, max_tokens=500, messages=HELLO)
    expect_said(answer.content[0].text)
    expect(answer.stop_reason, "end_turn")
    expect_counted(answer.usage.input_tokens, answer.usage.output_tokens)


def anthropic_stream(model):
    with anthropic_client().messages.stream(model=model, max_tokens=500, messages=HELLO) as stream:
        text = "".join(stream.text_stream)
        expect_said(text)
        expect(stream.get_final_message().content[0].text, text)
        expect_counted(stream.get_final_message().usage.output_tokens)


def anthropic_tools(model):
    client = anthropic_client()
    asked = client.messages.create(model=model, max_tokens=500, messages=HELLO, tools=MESSAGES_TOOLS)
    expect(asked.stop_reason, "tool_use")
    [call] = [block for block in asked.content if block.type == "tool_use"]
    expect(list(call.input), ["city"])
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "12 degrees"}]}
    turn = [*HELLO, {"role": "assistant", "content": asked.content}, result]
    answer = client.messages.create(model=model, max_tokens=500, messages=turn, tools=MESSAGES_TOOLS)
    expect_said(answer.content[0].text)


def anthropic_errors(_model):
    def ask(model, key=KEY, max_tokens=9):
        return lambda: anthropic_client(key).messages.create(model=model, max_tokens=max_tokens, messages=HELLO)

    raises(anthropic.AuthenticationError, 401, "unauthenticated", ask("chat", key="weir_wrong"))
    raises(anthropic.NotFoundError, 404, "model_not_found", ask("nobody"))
    raises(anthropic.BadRequestError, 400, "invalid_request", ask("chat", max_tokens=-1))
    raises(anthropic.RateLimitError, 429, "upstream_rate_limited", ask("fails-429"))
    raises(anthropic.APIStatusError, 503, "upstream_overloaded", ask("fails-503"))


# --- google-genai

def genai_client(key=KEY):
    options = genai_types.HttpOptions(base_url=ORIGIN, retry_options=genai_types.HttpRetryOptions(attempts=1))
    return genai.Client(api_key=key, http_options=options)


def genai_config():
    declared = genai_types.FunctionDeclaration(name="weather", parameters_json_schema=SCHEMA)
    return genai_types.GenerateContentConfig(tools=[genai_types.Tool(function_declarations=[declared])])


def genai_generate(model):
    client = genai_client()  # Held: it closes its connections when it is forgotten.
    answer = client.models.generate_content(model=model, contents=QUESTION)
    expect_said(answer.text)
    expect(answer.candidates[0].finish_reason.name, "STOP")
    expect_counted(answer.usage_metadata.prompt_token_count, answer.usage_metadata.candidates_token_count)


def genai_stream(model):
    client = genai_client()
    chunks = list(client.models.generate_content_stream(model=model, contents=QUESTION))
    expect_said("".join(chunk.text or "" for chunk in chunks))
    expect_counted(chunks[-1].usage_metadata.candidates_token_count)


def genai_tools(model):
    client = genai_client()
    asked = client.models.generate_content(model=model, contents=QUESTION, config=genai_config())
    [call] = asked.function_calls
    expect(list(call.args), ["city"])
    said = {"id": call.id, "name": call.name, "response": {"degrees": 12}}
    contents = [
        genai_types.Content(role="user", parts=[genai_types.Part(text=QUESTION)]),
        asked.candidates[0].content,
        genai_types.Content(role="user", parts=[genai_types.Part(function_response=genai_types.FunctionResponse(**said))]),
    ]
    expect_said(client.models.generate_content(model=model, contents=contents, config=genai_config()).text)


def genai_fails(_model):
    def ask(model, key=KEY):
        client = genai_client(key)
        return lambda: client.models.generate_content(model=model, contents=QUESTION)

    raises(genai_errors.ClientError, 401, "unauthenticated", ask("chat", key="weir_wrong"))
    raises(genai_errors.ClientError, 404, "model_not_found", ask("nobody"))
    raises(genai_errors.ClientError, 429, "upstream_rate_limited", ask("fails-429"))
    raises(genai_errors.ServerError, 503, "upstream_overloaded", ask("fails-503"))


# --- litellm

LITELLM_WAYS = {
    "openai": {"api_base": f"{ORIGIN}/v1"},
    "anthropic": {"api_base": ORIGIN},
}


def litellm_ask(way, model, key=KEY, **more):
    settings = {**LITELLM_WAYS[way], "api_key": key, "max_retries": 0, "num_retries": 0, "max_tokens": 500}
    return litellm.completion(model=f"{way}/{model}", messages=more.pop("messages", HELLO), **settings, **more)


def litellm_completion(way):
    def check(model):
        answer = litellm_ask(way, model)
        expect_said(answer.choices[0].message.content)
        expect_counted(answer.usage.prompt_tokens, answer.usage.completion_tokens)

    return check


def litellm_stream(way):
    def check(model):
        chunks = litellm_ask(way, model, stream=True)
        expect_said("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices))

    return check


def litellm_tools(way):
    def check(model):
        asked = litellm_ask(way, model, tools=CHAT_TOOLS).choices[0].message
        [call] = asked.tool_calls
        expect(list(json.loads(call.function.arguments)), ["city"])
        result = {"role": "tool", "tool_call_id": call.id, "content": "12 degrees"}
        turn = [*HELLO, asked.model_dump(exclude_none=True), result]
        expect_said(litellm_ask(way, model, messages=turn, tools=CHAT_TOOLS).choices[0].message.content)

    return check


def litellm_errors(way):
    def check(_model):
        def ask(model, key=KEY):
            return lambda: litellm_ask(way, model, key)

        raises(litellm.AuthenticationError, 401, "", ask("chat", key="weir_wrong"))
        raises(litellm.NotFoundError, 404, "", ask("nobody"))
        raises(litellm.RateLimitError, 429, "", ask("fails-429"))
        # Anthropic's word for 503 is `overloaded_error`, of which litellm makes another class.
        overloaded = {"openai": (litellm.ServiceUnavailableError, 503), "anthropic": (litellm.InternalServerError, 500)}
        raises(*overloaded[way], "", ask("fails-503"))

    return check


# --- docs/clients.md


def shown(text):
    def check(_model):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(text, "docs/clients.md", "exec"), {})
        expect_said(said.getvalue())

    return check


ONCE = ["-"]
CHECKS = [
    ("openai", "chat", openai_chat, BEHIND),
    ("openai", "chat, streamed", openai_chat_stream, BEHIND),
    ("openai", "chat with a tool", openai_chat_tools, BEHIND),
    ("openai", "responses", openai_responses, BEHIND),
    ("openai", "responses, streamed", openai_responses_stream, BEHIND),
    ("openai", "responses with a tool", openai_responses_tools, BEHIND),
    ("openai", "embeddings", openai_embeddings, ONCE),
    ("openai", "errors", openai_errors, ONCE),
    ("anthropic", "messages", anthropic_messages, BEHIND),
    ("anthropic", "messages, streamed", anthropic_stream, BEHIND),
    ("anthropic", "messages with a tool", anthropic_tools, BEHIND),
    ("anthropic", "errors", anthropic_errors, ONCE),
    ("google-genai", "generate", genai_generate, BEHIND),
    ("google-genai", "generate, streamed", genai_stream, BEHIND),
    ("google-genai", "generate with a tool", genai_tools, BEHIND),
    ("google-genai", "errors", genai_fails, ONCE),
    *(
        (f"litellm as {way}", name, make(way), models)
        for way in LITELLM_WAYS
        for name, make, models in [
            ("completion", litellm_completion, BEHIND),
            ("completion, streamed", litellm_stream, BEHIND),
            ("completion with a tool", litellm_tools, BEHIND),
            ("errors", litellm_errors, ONCE),
        ]
    ),
    *(("docs/clients.md", block["heading"], shown(block["text"]), ONCE) for block in json.loads(os.environ["SHOWN"])),
]


def main():
    passed, failed = {}, 0
    for client, name, check, models in CHECKS:
        for model in models:
            started = time.monotonic()
            try:
                check(model)
                passed[client] = passed.get(client, 0) + 1
            except Exception as raised:  # Whatever it is: it is told, and the run goes on.
                failed += 1
                print(f"FAILED {client}: {name}, {model}: {type(raised).__name__}: {raised}"[:600])
                continue
            print(f"ok     {client}: {name}, {model} ({time.monotonic() - started:.2f} s)")
    told = ", ".join(f"{client} {count}" for client, count in passed.items())
    print(f"{sum(passed.values())} checks passed ({told}), {failed} failed")
    sys.exit(1 if failed else 0)


main()

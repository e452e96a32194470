"""Applies a fault to a connection."""

from http import HTTPStatus

from moengage_personalize.emulator.exchange import Exchange
from moengage_personalize.emulator.faults.fault import Fault
from moengage_personalize.emulator.rate_limit import used_up
from moengage_personalize.emulator.responses import Answer, gateway_page, problem


async def act_out(fault: Fault, exchange: Exchange, answer: Answer | None) -> None:
    """Let a fault happen to a request.

    Args:
        fault: The fault.
        exchange: The request that it happens to.
        answer: The API's own answer, if the request was carried out first.
    """
    match fault.kind:
        case "status":
            await exchange.answer(failure(fault))
        case "drop":
            await exchange.drop(reset=fault.reset)
        case "hang":
            await exchange.is_gone_within(None)
        case _ if answer is None:
            raise ValueError(f"{fault.kind} needs the answer that it spoils")
        case "answer":
            given = Answer(fault.status_code, fault.body.encode(), fault.media_type)
            await exchange.answer(given if answer.status == HTTPStatus.OK else answer)
        case "latency":
            if not await exchange.is_gone_within(fault.seconds):
                await exchange.answer(answer)
        case "half_body":
            await exchange.start(answer)
            await exchange.send_body(answer.body[: len(answer.body) // 2], more=True)
            await exchange.close()
        case "trickle":
            await _trickle(fault.seconds, exchange, answer)


def failure(fault: Fault) -> Answer:
    """Return the answer that a status fault gives."""
    status = fault.status_code
    pause = () if fault.retry_after is None else (("Retry-After", fault.retry_after),)
    headers = (*pause, *(used_up(fault.retry_after) if fault.tells_limit else ()))
    if fault.html:
        return gateway_page(status, headers)
    return problem(status, "The emulator was told to fail this request.", headers=headers)


async def _trickle(interval: float, exchange: Exchange, answer: Answer) -> None:
    await exchange.start(answer)
    for at in range(len(answer.body)):
        if await exchange.is_gone_within(interval):
            return
        await exchange.send_body(answer.body[at : at + 1], more=at + 1 < len(answer.body))

"""Re-identification by two officers together, for one signed request, once, and in the account.

Who asks signs a request: for which agreement and purpose, why, about which tokens (only their hashes are in
it), until when. Each officer signs the very same request, opens their own share and seals it to the key
that the request names, so that no share lies open anywhere. Only then, once it is entered in the account,
are the two put together and the tokens asked about opened; the secret is not handed out.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..errors import Problem, SecretError
from ..plan.canonical import written
from .files import create_private
from .officers import Officer, OpeningKey, seal_to
from .reidentification import Approval, Request, facts, moment_of, reference, stamp
from .sealing import open_column
from .shares import Shares


def ask(
    shares: Shares,
    tokens: Sequence[str],
    *,
    unit: str,
    purpose: str,
    reason: str,
    asked_by: str,
    signs: str,
    sign: Callable[[bytes], str],
    session: OpeningKey,
    at: datetime,
    lasts: timedelta = timedelta(hours=24),
) -> Request:
    """A signed request to open these tokens. `session` is a fresh key of who asks, `sign` their signature.

    SecretError with every fault.
    """
    subjects = tuple(sorted({reference(shares.agreement, token) for token in tokens}))
    bare = Request(
        shares.agreement, shares.generation, unit, purpose, reason, subjects, asked_by, stamp(at),
        stamp(at + lasts), session.public, signs, secrets.token_hex(16),
    )  # fmt: skip
    request = replace(bare, signature=sign(bare.content()))
    problems = list(request.problems(at.replace(microsecond=0), [signs]))
    if problems:
        raise SecretError(problems)
    return request


def approve(
    request: Request,
    shares: Shares,
    officer: Officer,
    key: OpeningKey,
    sign: Callable[[bytes], str],
    *,
    standing: Collection[str],
    at: datetime,
) -> Approval:
    """An officer's approval, made where their key is. SecretError where the request may not be acted on."""
    problems = [*request.problems(at, standing), *_place_problems(request, shares)]
    if problems:
        raise SecretError(problems)
    share = seal_to(request.opens_to, shares.share(officer, key), _bound(request, officer))
    bare = Approval(officer, request.digest, base64.b64encode(share).decode(), stamp(at))
    return replace(bare, signature=sign(bare.content()))


def reidentify(
    request: Request,
    tokens: pa.Array,
    shares: Shares,
    approvals: Sequence[Approval],
    session: OpeningKey,
    *,
    used: Path,
    enter: Callable[[Mapping[str, Any]], None],
    standing: Collection[str],
    at: datetime,
) -> pa.Array:
    """The identifiers of exactly the tokens that were asked about, opened by both officers' shares.

    `used` is the folder of requests that were acted on; `enter` puts the facts in the account. Both come
    first, and if either fails nothing is opened and the request is spent. SecretError with every cause.
    """
    problems = [
        *request.problems(at, standing),
        *_place_problems(request, shares),
        *_approval_problems(request, shares, approvals, standing, at),
        *_token_problems(request, tokens),
    ]
    if problems:
        raise SecretError(problems)
    if not create_private(used / request.digest, b""):
        raise SecretError(
            Problem("REPLAY", "this request was acted on before", "one yes is for one opening", "ask anew")
        )
    enter(facts(request, approvals))
    held = {
        a.officer: session.open(base64.b64decode(a.share), _bound(request, a.officer)) for a in approvals
    }
    secret = shares.join(*(held[officer] for officer in shares.officers))
    return open_column(tokens, secret, request.agreement, request.unit)


def _bound(request: Request, officer: Officer) -> bytes:
    return b"sharewell/1/approval\n" + written([request.digest, officer.fingerprint])


def _place_problems(request: Request, shares: Shares) -> Iterator[Problem]:
    if (request.agreement, request.generation) != (shares.agreement, shares.generation):
        yield Problem(
            "AGREEMENT",
            f"the request is for generation {request.generation} of {request.agreement}, and the shares for"
            f" {shares.generation} of {shares.agreement}",
            "one agreement's officers cannot open another's people",
            "use the shares of the agreement that the request names",
        )


def _approval_problems(
    request: Request,
    shares: Shares,
    approvals: Sequence[Approval],
    standing: Collection[str],
    at: datetime,
) -> Iterator[Problem]:
    given = [approval.officer for approval in approvals]
    if len(given) != 2 or set(given) != set(shares.officers):
        yield Problem(
            "OFFICERS",
            "a request needs the approval of both officers, each once",
            "what one can do alone is not controlled by two",
            "ask " + " and ".join(officer.who for officer in shares.officers),
        )
    for approval in approvals:
        officer, moment = approval.officer, moment_of(approval.at)
        if approval.request != request.digest:
            yield Problem("ALTERED", f"{officer.who} approved another request", fix="ask them for this one")
        elif officer.signs not in standing or not officer.signed(approval.content(), approval.signature):
            yield Problem(
                "SIGNATURE", f"the approval is not signed by {officer.who}", fix="ask them to sign it again"
            )
        elif moment is None or moment > at:
            yield Problem("TIME", f"{officer.who} approved at a time to come", fix="set the clock right")


def _token_problems(request: Request, tokens: pa.Array) -> Iterator[Problem]:
    given = {None if t is None else reference(request.agreement, t) for t in tokens.to_pylist()}
    if given != set(request.subjects):
        yield Problem(
            "SUBJECTS",
            "the tokens are not exactly those that were asked about",
            "the officers said yes to those and no others",
            "give these tokens, or ask for what you need",
        )

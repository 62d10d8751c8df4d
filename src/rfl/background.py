"""What runs beside the requests of a node: following, matching, tidying, sequencing, watching."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from rfl.errors import MalformedFile, NotFound, RflError
from rfl.flows.admit import enter_failed_sign_ins
from rfl.flows.alert import tell_alarms
from rfl.flows.answer_request import apply_changes
from rfl.flows.ask_receipts import ask_for_receipts
from rfl.flows.begin_epoch import reconcile_gaps, reconcile_peers
from rfl.flows.carry_blobs import carry_blobs
from rfl.flows.carry_log import LOG_CHECKPOINT, LogCarrier, answer_mail, waiting_mail
from rfl.flows.cosign import cosign
from rfl.flows.deliver import Carry as Carry
from rfl.flows.deliver import deliver_waiting
from rfl.flows.expire_log import expire_if_due
from rfl.flows.fetch_mail import fetch_mail, fetches
from rfl.flows.follow import catch_up, load_pools
from rfl.flows.keep_cases import keep_cases
from rfl.flows.keep_post import keep_post
from rfl.flows.notice_keys import Fetch, notice_keys, refresh_peers
from rfl.flows.propose import propose_waiting
from rfl.flows.recall import end_copies, send_recalls, watch_recalls
from rfl.flows.reconcile import keep_key_use, reconcile_days, watch_rate
from rfl.flows.ring import Ringer
from rfl.flows.runtime import OFFICE_CALL, Runtime, network_of
from rfl.flows.sequence import checkpoint_due, sequence_waiting, sign_checkpoint, witness_due
from rfl.flows.stamp_log import stamp_if_due
from rfl.flows.stream_log import stream_batch
from rfl.flows.take_over import open_given
from rfl.flows.tell import tell_due
from rfl.flows.tell_messages import tell_messages
from rfl.flows.tell_peers import tell_peers
from rfl.flows.tell_writers import tell_writers
from rfl.flows.tidy import tidy
from rfl.flows.transmit import renew_copies
from rfl.flows.witness_log import Carrier, note_silence, offer_to_all, take_cosignature
from rfl.matcher import WATCH_SECONDS, Matcher, note_failure

TIDY_SECONDS = 600.0
SEQUENCE_SECONDS = 0.5
STREAM_SECONDS = 1.0
STAMP_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 300.0
POST_SECONDS = 1.0
EXERCISE_SECONDS = 0.02
SELDOM_TURNS = 240
"""Turns of WATCH_SECONDS: once an hour."""


class Line(Protocol):
    """What leads to other societies."""

    @property
    def carry(self) -> Carry:
        """Carries a signed call to a peer."""

    @property
    def fetch_descriptor(self) -> Fetch:
        """Fetches the descriptor at a node's base address."""


@dataclass(slots=True)
class Background:
    """Threads that end soon after `stop`. `ready` is set once the pools are loaded.

    Where another process matches, this one is `following`, so that it searches among everybody.
    `line` leads to other societies: letters travel by it, and by letters `carrier` takes the log's
    checkpoints to its witnesses. Without one, files do (`rfl audit witness`).
    """

    rt: Runtime
    matching: bool = True
    following: bool = False
    line: Line | None = None
    carrier: Carrier | None = None
    ready: threading.Event = field(default_factory=threading.Event)
    _ending: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.carrier is None and self.line is not None:
            self.carrier = LogCarrier(self.rt)

    def start(self) -> None:
        """Start tidying and the log's sequencing, and matching unless another process does it."""
        holds_index = self.matching or self.following
        if not holds_index:
            self.ready.set()
        always = (self._tidy, self._sequence, self._watch, self._stream, self._stamp)
        post = [self._deliver, self._write_post, self._carry_blobs, self._fetch_mail]
        post = [*post, self._keep_post] if self.line else []
        matching = (self._match,) if holds_index else ()
        for work in (*matching, *always, *post):
            thread = threading.Thread(target=work, name=f"rfl-{work.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, timeout: float = 20.0) -> None:
        """Let what is under way finish, then end."""
        self._ending.set()
        for thread in self._threads:
            thread.join(timeout)
        for last in (lambda rt: enter_failed_sign_ins(rt, ending=True), keep_key_use):
            try:
                last(self.rt)
            except RflError as error:
                self._note(error, "the last counts could not be kept")

    def _match(self) -> None:
        Matcher(self.rt, self._ending, self.ready, proposes=self.matching).run()

    def _tidy(self) -> None:
        while not self._ending.wait(TIDY_SECONDS):
            try:
                tell_due(self.rt)
                tell_messages(self.rt)
                tidy(self.rt)
                expire_if_due(self.rt)
                keep_cases(self.rt)
            except Exception as error:  # noqa: BLE001 (the loop must outlive any one failure)
                self._note(error, "tidying failed, will try again")

    def _sequence(self) -> None:
        while not self._ending.wait(SEQUENCE_SECONDS):
            try:
                sequence_waiting(self.rt)
                if checkpoint_due(self.rt):
                    sign_checkpoint(self.rt)
            except Exception as error:  # noqa: BLE001 (the loop must outlive any one failure)
                self._note(error, "sequencing failed, will try again")

    def _watch(self) -> None:
        rings = partial(Ringer().ring, self.rt)
        counting = (enter_failed_sign_ins, keep_key_use, watch_rate, reconcile_days)
        steps = (*counting, note_silence, self._witness, lambda rt: tell_alarms(rt, rings))
        while not self._ending.wait(WATCH_SECONDS):
            for step in steps:
                try:
                    step(self.rt)
                except Exception as error:  # noqa: BLE001 (the loop must outlive any one failure)
                    self._note(error, "watching failed, will try again")

    def _witness(self, rt: Runtime) -> None:
        if witness_due(rt):
            sequence_waiting(rt)
            sign_checkpoint(rt, padded=True)
            if self.carrier is not None:
                offer_to_all(rt, self.carrier)

    def _deliver(self) -> None:
        pause = POST_SECONDS if network_of(self.rt).tick_seconds else EXERCISE_SECONDS
        while not self._ending.wait(pause):
            try:
                if self.line:
                    deliver_waiting(self.rt, self.line.carry, self._ending.wait)
            except Exception as error:  # noqa: BLE001 (the loop must outlive any one failure)
                self._note(error, "delivering failed, will try again")

    def _write_post(self) -> None:
        """What has become due or was received becomes letters; their delivery is another's."""
        steps = (tell_peers, tell_writers, send_recalls, apply_changes, open_given)
        self._repeat(POST_SECONDS, "writing letters failed, will try again", *steps)

    def _carry_blobs(self) -> None:
        """Attachments have a thread of their own: a large one holds up no letter of others."""
        if line := self.line:
            event = "carrying attachments failed, will try again"
            self._repeat(POST_SECONDS, event, lambda rt: carry_blobs(rt, line.carry))

    def _fetch_mail(self) -> None:
        """A node that nobody can call asks its peers for what waits."""
        line = self.line
        if line is not None and fetches(self.rt):
            event = "fetching letters failed, will try again"
            self._repeat(self._pull_seconds, event, lambda rt: fetch_mail(rt, line.carry))

    @property
    def _pull_seconds(self) -> float:
        return WATCH_SECONDS if network_of(self.rt).tick_seconds else POST_SECONDS

    def _keep_post(self) -> None:
        for turn in itertools.count():
            for step in self._post_steps(seldom=turn % SELDOM_TURNS == 0):
                try:
                    step(self.rt)
                except Exception as error:  # noqa: BLE001 (the loop must outlive any one failure)
                    self._note(error, "keeping the post failed, will try again")
            if self._ending.wait(WATCH_SECONDS):
                return

    def _post_steps(self, *, seldom: bool) -> Iterator[Callable[[Runtime], object]]:
        """Seldom, and first of all at a start: the node may have been restored from a copy."""
        line = self.line
        if line is None:
            return
        yield notice_keys
        if seldom:
            yield lambda rt: refresh_peers(rt, line.fetch_descriptor)
            yield lambda rt: reconcile_peers(rt, line.carry)
        yield lambda rt: ask_for_receipts(rt, line.carry)
        yield lambda rt: reconcile_gaps(rt, line.carry)
        yield keep_post
        yield watch_recalls
        yield renew_copies
        yield end_copies
        yield answer_waiting

    def _stream(self) -> None:
        pause = STREAM_SECONDS
        while not self._ending.wait(pause):
            try:
                while stream_batch(self.rt) and not self._ending.is_set():
                    pass
                pause = STREAM_SECONDS
            except Exception as error:  # noqa: BLE001 (the loop must outlive any one failure)
                self._note(error, "streaming failed, will try again")
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _stamp(self) -> None:
        self._repeat(STAMP_SECONDS, "stamping failed, will try again", stamp_if_due)

    def _repeat(self, pause: float, event: str, *steps: Callable[[Runtime], object]) -> None:
        while not self._ending.wait(pause):
            for step in steps:
                try:
                    step(self.rt)
                except Exception as error:  # noqa: BLE001 (the loop must outlive any one failure)
                    self._note(error, event)

    def _note(self, error: Exception, event: str) -> None:
        note_failure(error, event, self._ending)


def answer_waiting(rt: Runtime) -> int:
    """Cosign what peers have sent of their logs, take what they say of this one; return how many.

    A message that is not a log's is dropped: its refusal is an entry.
    """
    waiting = waiting_mail(rt)
    for mail in waiting:
        answer: bytes | None = None
        with suppress(NotFound, MalformedFile):
            if mail.type == LOG_CHECKPOINT:
                answer = cosign(rt, OFFICE_CALL, mail.message)
            else:
                take_cosignature(rt, OFFICE_CALL, mail.peer, mail.message)
        answer_mail(rt, mail, answer)
    return len(waiting)


def settle(rt: Runtime) -> int:
    """Follow and match in this thread until nothing waits; return how many changes were matched.

    For commands and tests, which have no background. The pools are loaded anew.
    """
    position, total = load_pools(rt), 0
    while True:
        position = catch_up(rt, position)
        done = propose_waiting(rt, position)
        total += done
        if not done:
            return total

"""Everything that a letter may do on a node: the same at every entrance, by call, pull or file."""

from rfl.domain.policy import Profile
from rfl.exchange import effects, recall_letters
from rfl.exchange.case_letters import CaseLetters, Moment
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.handover_letters import HandoverLetters
from rfl.exchange.message_letters import MessageLetters
from rfl.exchange.network import Network
from rfl.exchange.reception import Reception


def reception_of(network: Network, policy: Profile, moment: Moment, peer: Descriptor) -> Reception:
    """Return what a node needs to take letters of this peer in.

    `moment` says when a day begins where the society is: returns and answers are due by it.
    """
    letters = (
        effects.EFFECTS
        | recall_letters.EFFECTS
        | CaseLetters(network, policy, moment).effects
        | HandoverLetters(network).effects
        | MessageLetters(network, policy, moment).effects
    )
    return Reception(network, peer, letters)

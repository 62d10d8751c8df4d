"""Everything that a letter may do on a node: the same at every entrance, by call, pull or file."""

from rfl.domain.policy import Profile
from rfl.exchange import effects, recall_letters
from rfl.exchange.case_letters import CaseLetters
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.handover_letters import HandoverLetters
from rfl.exchange.message_letters import MessageLetters
from rfl.exchange.network import Network
from rfl.exchange.reception import Reception


def reception_of(network: Network, policy: Profile, peer: Descriptor) -> Reception:
    """Return what a node needs to take letters of this peer in."""
    letters = (
        effects.EFFECTS
        | recall_letters.EFFECTS
        | CaseLetters(network, policy).effects
        | HandoverLetters(network).effects
        | MessageLetters(network, policy).effects
    )
    return Reception(network, peer, letters)

"""What the network knows: lesions, causal tests, linear probes, information, the certificate."""

from inwit.probes.card import Certificate, Line, Verdict
from inwit.probes.certificate import certify
from inwit.probes.formation import Formation, formation
from inwit.probes.information import key_information
from inwit.probes.linear import decode
from inwit.probes.patch import overwrite, transplant
from inwit.probes.record import states_along
from inwit.probes.targeted import edit

__all__ = [
    "Certificate",
    "Formation",
    "Line",
    "Verdict",
    "certify",
    "decode",
    "edit",
    "formation",
    "key_information",
    "overwrite",
    "states_along",
    "transplant",
]

"""Names of devices: what is there is taken, and anything else is refused with what is nearest."""

import pytest
import torch

from inwit import devices
from inwit.devices import check_device, usable_devices
from inwit.errors import InvalidOption

TWO = ("cpu", "cuda", "cuda:0", "cuda:1")
ALONE = ("cpu",)


def test_the_processor_can_always_be_used():
    assert usable_devices()[0] == "cpu"
    for name in usable_devices():
        check_device(name)
        assert torch.ones(2, device=name).sum().item() == 2


@pytest.mark.parametrize(
    ("name", "there", "told"),
    [
        ("gpu", TWO, "it is one of cpu, cuda, cuda:0, cuda:1; did you mean 'cuda'"),
        ("GPU:0", TWO, "did you mean 'cuda'"),
        ("gpu", ALONE, "torch finds no accelerator here: use cpu"),
        ("cuda", ALONE, "torch finds no accelerator here: use cpu"),
        ("cuda:3", ALONE, "torch finds no accelerator here: use cpu"),
        ("mps", ALONE, "torch finds no accelerator here: use cpu"),
        ("cpu:1", ALONE, "the CPU has no numbers: use cpu"),
        ("cpu:0", TWO, "the CPU has no numbers: use cpu"),
        ("cuda:2", TWO, "there are cuda:0, cuda:1"),
        ("cuda:-1", TWO, "there are cuda:0, cuda:1"),
        ("cuda:one", TWO, "there are cuda:0, cuda:1"),
        ("cuda0", TWO, "it is one of cpu, cuda.*did you mean 'cuda:0'"),
        ("CPU", ALONE, "--device CPU cannot be used: it is one of cpu; did you mean 'cpu'"),
        ("meta", ALONE, "it is one of cpu$"),
        ("", ALONE, "--device  cannot be used: it is one of cpu$"),
        ("xla", TWO, "it is one of cpu, cuda, cuda:0, cuda:1$"),
        ("mps", TWO, "it is one of .*did you mean 'cuda'"),
        ("cud:1", TWO, "did you mean 'cuda:1'"),
    ],
)
def test_another_name_is_refused(monkeypatch, name, there, told):
    monkeypatch.setattr(devices, "usable_devices", lambda: there)
    with pytest.raises(InvalidOption, match=told):
        check_device(name)


def test_a_device_that_fails_is_told_with_the_reason(monkeypatch):
    monkeypatch.setattr(devices, "usable_devices", lambda: (*ALONE, "meta"))
    with pytest.raises(InvalidOption, match="--device meta cannot be used: "):
        check_device("meta")


@pytest.mark.parametrize("count", [1, 3])
def test_each_accelerator_has_its_number(monkeypatch, count):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(
        torch.accelerator, "current_accelerator", lambda check_available=False: torch.device("cuda")
    )
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: count)
    assert usable_devices() == ("cpu", "cuda", *(f"cuda:{number}" for number in range(count)))

"""Train an agent and certify it; then damage it and read what the certificate says.

The output shows the judged lines, each with its 95 % interval. The trained agent passes them all.
An untrained network fails nearly all. The trained agent without its memory keys still adds and
multiplies, but it fails wherever the memory is needed.

    python examples/05_certify_an_agent.py
"""

import torch

import inwit
from inwit.auditing.exhaustive import audit_task
from inwit.probes import Certificate, Verdict, certify
from inwit.probes.lesion import without_keys

PROBLEMS = 100


def show(who: str, certificate: Certificate) -> list[str]:
    """Print the lines that are judged, and name those that fail."""
    print(f"\n{who}: {'passed' if certificate.passed else 'failed'}")
    for line in certificate.lines:
        if line.verdict in (Verdict.PASS, Verdict.FAIL) and line.interval is not None:
            low, high = line.interval
            print(f"  {line.verdict:<5} {low:7.1%} to {high:6.1%}  {line.part}: {line.name}")
    return [line.name for line in certificate.lines if line.verdict is Verdict.FAIL]


def main() -> None:
    print("training, then three certificates: a minute and a half on an idle core", flush=True)
    agent = inwit.train("expressions", updates=160, seed=0)
    recipe, environment = agent.recipe, agent.environment
    keys = environment.task.rules.vocabulary
    networks = {
        "trained": agent.policy,
        "untrained": recipe.network(environment),
        "trained, memory keys off": without_keys(
            agent.policy, torch.tensor([keys["STO"], keys["RCL"]])
        ),
    }
    audit = audit_task(environment.task, problems=256)  # what the task asks for: the ceilings
    failed = {}
    for who, network in networks.items():
        card = certify(recipe, network, environment, audit=audit, problems=PROBLEMS)
        failed[who] = show(who, card)

    assert failed["trained"] == []
    assert len(failed["untrained"]) > len(failed["trained, memory keys off"]) > 5


if __name__ == "__main__":
    main()

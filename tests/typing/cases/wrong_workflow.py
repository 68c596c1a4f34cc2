"""Mistakes of who builds a workflow; each marked line must not type-check."""

from workerless import (
    JobType,
    OnFailure,
    Payload,
    Result,
    Workflow,
    chain,
    chord,
    group,
    result_of,
    step,
)


class Greet(Payload):
    """A greeting."""

    name: str


class Greeted(Result):
    """What was said."""

    text: str


class Other(Payload):
    """Something else."""

    number: int


greet = JobType(name="greet", payload=Greet, result=Greeted)
other = JobType(name="other", payload=Other)

greet.with_(Greet(name="Ada"))
greet.with_(name=result_of("other").name)
greet.with_(Other(number=1))  # error: arg-type
greet.with_("Ada")  # error: arg-type

chain(greet, group(greet.with_(name="Ada"), other), step("last", chain(other)))
chain(Greet(name="Ada"))  # error: arg-type
chord([greet, other], greet.with_(name=result_of()[0].text))
chord([greet, other], "greet")  # error: arg-type

Workflow("greeting", step("first", greet), step("then", other, after="first"))
Workflow("greeting", greet)  # error: arg-type
step("first", greet, on_failure=OnFailure.IGNORE, compensate=other.with_(number=1))
step("first", greet, on_failure="ignore")  # error: arg-type
step("first", greet, compensate=chain(other))  # error: arg-type
step("first", greet, before="then")  # error: call-arg

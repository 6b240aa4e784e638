"""cpython_driver.py -- plays scripts of the vector format in CPython 3.11 and prints the answer to each query.

Started by `gclab vectors`, which writes it out.  It first prints CPython's version.  Scripts stand on its standard
input, one after the other; each is played in a forked child, in which all that exists before it is frozen, so that the
generations hold only the script's objects.  For each query it prints the index of its operation, a tab and the answer;
then `end`, or `error` and a sentence.  What each operation means is said in ops.def and actions.def.  It is written out
as one file: objects, finalizers and paths from here; then cpython_operations.py, and cpython_scripts.py, which begins.

Nothing here may change what is measured.  Objects have their name from a token that they hold, which the collector
does not see; they exist while their token has references.  Whatever an operation needs is built before the script
begins, and automatic collection is disabled between operations.  The counter of allocations does not count what comes
from CPython's lists of free lists, dicts and tuples, so only nodes are counted (see autoalloc).
"""
import ctypes
import gc
import os
import signal
import sys
import weakref
from collections import Counter
from sys import getrefcount

import _testcapi

LIMIT_S = 50
FIELDS = "a b c f g h l me next prev r w".split()


# ---- objects ----

Token = bytearray  # the name of one object, or of all members of a group: not tracked, and never shared by CPython


@_testcapi.without_gc
class Leaf:
    """An object that the collector does not see.  It can hold no token."""
    __slots__ = ()

    def __del__(self):
        leaves[leaf_names.pop(id(self))] -= 1


class Node:
    # Released in alphabetical order, the token last.
    __slots__ = (*FIELDS, "z_token", "__weakref__")


class FNode(Node):
    __slots__ = ()

    def __del__(self):
        finalizer("fin", self)


@_testcapi.with_tp_del
class LNode(Node):
    __slots__ = ()

    def __tp_del__(self):
        finalizer("legacyfin", self)


class CNode(Node):
    __slots__ = ()

    def __call__(self, reference):
        log.append("call:" + name_of(self))
        run_actions(self)


class DNode:
    """Its fields lie in the object until somebody asks for its __dict__."""


class Ref(weakref.ref):
    """Never shared, since its type is its own."""
    __slots__ = ("z_token",)


WITH_FIELDS = {"node": Node, "fnode": FNode, "lnode": LNode, "cnode": CNode, "dnode": DNode}
TOKEN_HOLDERS = {*WITH_FIELDS.values(), Ref}

def unseen_list():
    """A list that the collector does not see, frozen or not: what it holds is held from outside."""
    made = []
    ctypes.pythonapi.PyObject_GC_UnTrack(ctypes.py_object(made))
    return made


class Roots:
    """What each root holds.  A dict would be seen again, and after unfreeze its place among the objects of generation 2
    would change the order of those that it holds."""
    __slots__ = ("places", "held")

    def __init__(self):
        self.places, self.held = {}, unseen_list()

    def __contains__(self, name):
        return name in self.places

    def __getitem__(self, name):
        return self.held[self.places[name]]

    def __setitem__(self, name, thing):
        if name in self.places:
            self.held[self.places[name]] = thing
        else:
            self.places[name] = len(self.held)
            self.held.append(thing)

    def __delitem__(self, name):
        self.held[self.places.pop(name)] = None  # the name is gone before what it held dies


roots = Roots()
named = [None]            # the token of every object that is no member
groups = {}               # the token of each group
leaf_names = {}           # of each leaf that exists, by its id
leaves = Counter()        # how many exist of each name
group_names = {""}        # names that are groups'
kept = unseen_list()      # nodes of alloc and autoalloc
actions = {}              # of a name: functions of the object
quiet = {""}
finalized = Counter()
stats_before = []
log = [None]
enabled = [False]         # what the script thinks; in truth only while an operation runs
spare = [None]            # nodes to be freed when the counter of allocations counted one of ours


def make(kind, token):
    """A new object; for lists and tuples the token is element 0, for dicts the value of ''."""
    if kind == "list":
        return [token]
    if kind == "dict":
        return {"": token}
    if kind == "leaf":
        made, name = Leaf(), token.decode()
        leaf_names[id(made)] = name
        leaves[name] += 1
        return made
    made = WITH_FIELDS[kind]()
    if kind == "dnode":
        for field in FIELDS:  # in this order they are released
            setattr(made, field, None)
    made.z_token = token
    return made


def token_of(thing):
    """Its token, or None if it is not one of the script's objects, or has none."""
    kind = type(thing)
    if kind in TOKEN_HOLDERS:
        return getattr(thing, "z_token", None)
    if kind is list or kind is tuple:
        first = thing[0] if thing else None
    elif kind is dict:
        first = thing.get("")
    else:
        first = None
    return first if type(first) is Token else None


def name_of(thing):
    if type(thing) is Leaf:
        return leaf_names[id(thing)]
    token = token_of(thing)
    return None if token is None else token.decode()


def one_name_of(thing):
    """Where one name is wanted: ? of what has none."""
    return name_of(thing) or "?"


def names_of(things):
    return " ".join(sorted(name for name in map(name_of, things) if name)) or "-"


def named_tokens():
    """Those of objects that exist: with more references than one that nothing else holds."""
    unused = [getrefcount(token) for token in [Token(b"x")]][0]
    return [token for token in named if token is not None and getrefcount(token) > unused]


def names_of_live_leaves():
    return [name for name, count in leaves.items() if name not in group_names for _ in range(count)]


def new_token(name):
    token = Token(name, "ascii")
    named.append(token)
    return token


def group_token(name):
    if name not in groups:
        groups[name] = Token(name, "ascii")
        group_names.add(name)
    return groups[name]


# ---- finalizers and callbacks ----

def finalizer(event, self):
    name = name_of(self)
    finalized[name] += 1
    if name not in quiet:
        log.append(event + ":" + name)
    run_actions(self)


def external_callback(reference):
    log.append("cb:" + name_of(reference))
    run_actions(reference)


def run_actions(self):
    for action in actions.get(name_of(self), ()):
        action(self)


def state_of(reference):
    target = reference()
    return "dead" if target is None else "alive:" + one_name_of(target)


def action_resurrect(root):
    def act(self):
        roots[root] = self
    return act


def action_drop(root):
    def act(self):
        if root in roots:
            del roots[root]
    return act


def action_unset(field):
    return lambda self: setattr(self, field, None)


def action_see(field):
    def act(self):
        value = getattr(self, field, None)
        log.append(f"see:{name_of(self)}.{field}={'null' if value is None else one_name_of(value)}")
    return act


def action_peek(root):
    def act(self):
        log.append(f"peek:{root}={state_of(roots[root]) if root in roots else 'null'}")
    return act


def action_take(root, new):
    def act(self):
        log.append(f"take:{root}={state_of(roots[root]) if root in roots else 'null'}")
        target = roots[root]() if root in roots else None
        if target is not None:
            roots[new] = target
    return act


def action_collect(generation):
    generation = int(generation)

    def act(self):
        log.append(f"collect={gc.collect(generation)}")
    return act


def action_alloc(count):
    def act(self):
        for _ in range(int(count)):
            kept.append(Node())
    return act


def action_weak(root):
    def act(self):
        reference = Ref(self)
        reference.z_token = new_token(root)
        roots[root] = reference
    return act


def action_raise():
    def act(self):
        raise RuntimeError("as the script says")
    return act


def unraisable(report):
    log.append("unraisable:" + report.exc_type.__name__)


# ---- paths ----

def step_into(thing, step):
    if type(thing) in (list, tuple):
        value = thing[int(step) + 1]
    elif type(thing) is dict:
        value = thing[step]
    else:
        value = getattr(thing, step, None)
    if value is None:
        raise LookupError(f"{step} is null")
    return value


def path(text):
    """A function that returns what stands there."""
    root, *steps = text.split(".")
    if not steps:
        return lambda: roots[root]

    def get():
        thing = roots[root]
        for step in steps:
            thing = step_into(thing, step)
        return thing
    return get

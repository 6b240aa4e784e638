"""cpython_driver.py -- plays scripts of the vector format in CPython 3.11 and prints the answer to each query.

Started by `gclab vectors`, which writes it out.  It first prints CPython's version.  Scripts stand on its standard
input, one after the other; each is played in a forked child, in which all that exists before it is frozen, so that the
generations hold only the script's objects.  For each query it prints the index of its operation, a tab and the answer;
then `end`, or `error` and a sentence.  What each operation means is said in ops.def and actions.def.

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


# ---- operations: each takes its words and returns a function that does it; queries return text ----

def op_new(name, kind):
    def do():
        roots[name] = make(kind, new_token(name))
    return do


def op_tuple(name, *paths):
    getters = [path(text) for text in paths]

    def do():
        roots[name] = tuple([new_token(name), *[get() for get in getters]])
    return do


def op_alias(name, source):
    get = path(source)

    def do():
        roots[name] = get()
    return do


def op_drop(*names):
    def do():
        for name in names:
            del roots[name]
    return do


def op_set(place, source):
    holder, _, field = place.rpartition(".")
    get_holder, get = path(holder), path(source)

    def do():
        thing = get_holder()
        if type(thing) is dict:
            thing[field] = get()
        else:
            setattr(thing, field, get())
    return do


def op_unset(place):
    holder, _, field = place.rpartition(".")
    get_holder = path(holder)

    def do():
        thing = get_holder()
        if type(thing) is dict:
            del thing[field]
        else:
            setattr(thing, field, None)
    return do


def op_mkdict(place):
    get = path(place)
    return lambda: (get().__dict__, None)[1]


def op_append(place, source, count=1):
    get_list, get, count = path(place), path(source), int(count)

    def do():
        elements, value = get_list(), get()
        for _ in range(count):
            elements.append(value)
    return do


def op_clearlist(place):
    get_list = path(place)

    def do():
        del get_list()[1:]
    return do


def op_fill(place, name, kind, count):
    get_list = path(place)

    def do():
        elements, token = get_list(), group_token(name)
        for _ in range(int(count)):
            elements.append(make(kind, token))
    return do


def link(holder, value):
    if type(holder) is list:
        holder.append(value)
    else:
        holder.next = value


def op_chain(name, kind, count, closed=False):
    def do():
        token = group_token(name)
        head = last = make(kind, token)
        for _ in range(int(count) - 1):
            member = make(kind, token)
            link(last, member)
            last = member
        if closed:
            link(last, head)
        roots[name] = head
    return do


def op_ring(name, kind, count):
    return op_chain(name, kind, count, True)


def op_complete(name, count):
    def do():
        token = group_token(name)
        members = [[token] for _ in range(int(count))]
        for member in members:
            member.extend([other for other in members if other is not member])
        roots[name] = members[0]
    return do


def op_weakref(name, place, how=None, call=None):
    get, get_callback = path(place), path(call) if call else None

    def do():
        callback = get_callback() if how == "call" else external_callback if how == "cb" else None
        reference = Ref(get(), callback) if callback else Ref(get())
        reference.z_token = new_token(name)
        roots[name] = reference
    return do


def op_sharedweakref(name, place):
    get = path(place)

    def do():
        roots[name] = weakref.ref(get())
    return do


def op_wvd(name):
    def do():
        roots[name] = weakref.WeakValueDictionary()
    return do


def op_wkd(name):
    def do():
        roots[name] = weakref.WeakKeyDictionary()
    return do


def key_of(table, key):
    return key if type(table) is weakref.WeakValueDictionary else roots[key]


def op_put(name, key, source):
    get = path(source)

    def do():
        table = roots[name]
        table[key_of(table, key)] = get()
    return do


def op_act(name, *words):
    made, silent = [], False
    for text in " ".join(words).split(";"):
        word, *arguments = text.split()
        if word == "quiet":
            silent = True
        else:
            made.append(globals()["action_" + word](*arguments))
    made = tuple(made)

    def do():
        actions[name] = made
        (quiet.add if silent else quiet.discard)(name)
    return do


def op_refcount(place):
    get = path(place)
    return lambda: str(getrefcount(get()) - 1)


def op_live():
    def do():
        names = [token.decode() for token in named_tokens()]
        return " ".join(sorted(names + names_of_live_leaves())) or "-"
    return do


def op_population(name):
    def do():
        tokens = getrefcount(groups[name]) - 2 if name in groups else 0  # the table's, and the argument
        return str(tokens + leaves[name])
    return do


def op_fincount(name):
    return lambda: str(finalized[name])


def op_collect(generation):
    generation = int(generation)
    return lambda: str(gc.collect(generation))


def op_stats():
    def do():
        words = []
        for number, row in enumerate(gc.get_stats()):
            since = [str(now - before) for now, before in zip(row.values(), stats_before[number])]
            words.append(f"g{number}:{'/'.join(since)}")
        return " ".join(words)
    return do


def op_count12():
    return lambda: "%d %d" % gc.get_count()[1:]


def op_allocfree(allocated, freed):
    allocated, freed = int(allocated), int(freed)

    def do():
        made = [None] * allocated
        numbers = range(allocated)
        gc.get_count()  # as in autoalloc
        before = gc.get_count()[0]
        for number in numbers:
            made[number] = Node()
        for number in range(freed):
            made[number] = None
        return str(gc.get_count()[0] - before)
    return do


def op_autoalloc(fate, count, *words):
    """Nodes are what is counted: after a full collection, which empties the lists of free dicts and tuples, the dict
    that callbacks are given is counted once, and a spare node is freed for it."""
    count, keep = int(count), fate == "keep"
    until = int(words[words.index("until") + 1]) if "until" in words else -1
    begun = []   # GENERATION * LIMIT + NUMBER, since a number is not tracked
    LIMIT = 10 ** 9
    now = [0]
    numbers = range(1, count + 1)

    def watch(phase, info):
        if phase == "start":
            begun.append(info["generation"] * LIMIT + now[0])
        elif info["generation"] == 2:
            spare.pop()

    def allocate():
        for number in numbers:
            now[0] = number
            made = Node()
            if keep:
                kept.append(made)
            del made
            if begun and begun[-1] // LIMIT == until:
                return

    def do():
        gc.disable()
        if "fresh" in words:
            gc.collect()
            gc.get_count()  # its tuple is counted, then comes from the list of free ones
            while gc.get_count()[0] > 0:
                spare.pop()
        gc.callbacks.append(watch)
        if "on" in words:
            enabled[0] = True
        if enabled[0]:
            gc.enable()
        allocate()
        gc.disable()
        gc.callbacks.remove(watch)
        if not begun:
            return "none"
        if "sum" in words:
            of = [0, 0, 0]  # a Counter of a generator would leave objects in the caches of abstract classes
            for word in begun:
                of[word // LIMIT] += 1
            return f"n0={of[0]} n1={of[1]} n2={of[2]} last@{begun[-1] % LIMIT}"
        return " ".join(f"{word // LIMIT}@{word % LIMIT}" for word in begun)
    return do


def names_in_generation(generation):
    tokens = {id(token) for token in map(token_of, gc.get_objects(generation)) if token is not None}
    return sorted(token.decode() for token in named_tokens() if id(token) in tokens)


def op_gen(generation):
    return lambda: " ".join(names_in_generation(int(generation))) or "-"


def op_frozen():
    def do():
        tracked = {id(token) for token in map(token_of, gc.get_objects()) if token is not None}
        names = [token.decode() for token in named_tokens() if id(token) not in tracked]
        return " ".join(sorted(names + names_of_live_leaves())) or "-"
    return do


def truth(value):
    return "true" if value else "false"


def op_tracked(place):
    get = path(place)
    return lambda: truth(gc.is_tracked(get()))


def op_finalized(place):
    get = path(place)
    return lambda: truth(gc.is_finalized(get()))


def op_referrers(place):
    get = path(place)
    return lambda: names_of(gc.get_referrers(get()))


def op_referents(place):
    get = path(place)
    return lambda: names_of(gc.get_referents(get()))


def op_wr(place):
    get = path(place)
    return lambda: state_of(get())


def op_wrcount(place):
    get = path(place)
    return lambda: str(weakref.getweakrefcount(get()))


def op_same(place, other):
    get, get_other = path(place), path(other)
    return lambda: truth(get() is get_other())


def op_log():
    def do():
        events = " ".join(log[1:]) or "-"
        del log[1:]
        return events
    return do


def op_logset():
    def do():
        events = " ".join(sorted(log[1:])) or "-"
        del log[1:]
        return events
    return do


def op_garbage():
    return lambda: names_of(gc.garbage)


def op_cleargarbage():
    return lambda: gc.garbage.clear()


def op_getthreshold():
    return lambda: "%d %d %d" % gc.get_threshold()


def op_isenabled():
    return lambda: truth(enabled[0])


def op_len(name):
    return lambda: str(len(roots[name]))


def op_get(name, key):
    def do():
        table = roots[name]
        if type(table) is weakref.WeakKeyDictionary and key not in roots:
            return "null"
        value = table.get(key_of(table, key))
        return "null" if value is None else one_name_of(value)
    return do


def op_keys(name):
    def do():
        table = roots[name]
        if type(table) is weakref.WeakKeyDictionary:
            return names_of(table.keys())
        return " ".join(sorted(table.keys())) or "-"
    return do


def op_threshold(*numbers):
    return lambda: gc.set_threshold(*map(int, numbers))


def op_enable():
    def do():
        enabled[0] = True
    return do


def op_disable():
    def do():
        enabled[0] = False
    return do


def op_freeze():
    return gc.freeze


def op_unfreeze():
    return gc.unfreeze


def op_debug(word):
    flags = {"none": 0, "saveall": gc.DEBUG_SAVEALL, "leak": gc.DEBUG_LEAK}[word]

    def do():
        os.dup2(nowhere, 2)  # where leak tells of each object
        gc.set_debug(flags)
    return do


def log_collection(phase, info):
    log.append(f"gc:{phase}:gen{info['generation']}:collected={info['collected']}"
               f":uncollectable={info['uncollectable']}")


def op_gccallbacks():
    return lambda: None if log_collection in gc.callbacks else gc.callbacks.append(log_collection)


# ---- scripts ----

def op_begin():
    """Goes before all operations: whatever exists now is no part of the script."""
    def do():
        gc.collect()
        stats_before.extend(tuple(row.values()) for row in gc.get_stats())
        gc.freeze()
    return do


def play(lines):
    """In a child.  Prints the answers, and stops at the first operation that cannot be done."""
    gc.disable()
    gc.set_threshold(700, 10, 10)
    gc.collect()
    operations = [op_begin()]
    for line in lines:
        word, *arguments = line.split()
        operations.append(globals()["op_" + word](*arguments))
    index = -1
    for operation in operations:
        try:
            if enabled[0]:
                gc.enable()
            answer = operation()
            gc.disable()
        except Exception as error:
            os.write(1, f"error line '{lines[index]}': {type(error).__name__}: {error}\n".encode())
            return
        if answer is not None:
            os.write(1, f"{index}\t{answer}\n".encode())
        answer = None
        index += 1
    os.write(1, b"end\n")


def play_in_child(lines):
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT_S)  # ends it: no script takes as long
        play(lines)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if status != 0:
        os.write(1, f"error CPython ended with status {status}\n".encode())


def main():
    lines = []
    for line in sys.stdin:
        line = line.strip()
        word = line.split(" ", 1)[0]
        if word == "end":
            play_in_child(lines)
            lines = []
        elif word and word not in ("vector", "tags", "order") and not word.startswith("#"):
            lines.append(line.split("=>")[0])


nowhere = os.open(os.devnull, os.O_WRONLY)
sys.unraisablehook = unraisable
spare.extend(Node() for _ in range(5000))
gc.collect()
gc.freeze()
os.write(1, f"CPython {sys.version.split()[0]}\n".encode())
main()

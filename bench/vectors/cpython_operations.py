

# cpython_operations.py -- the operations of a script (goes on cpython_driver.py): op_NAME takes its words, all of them
# text, and returns a function that does it.  Queries return text.

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

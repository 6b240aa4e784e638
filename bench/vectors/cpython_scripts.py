

# cpython_scripts.py -- reads scripts and plays each in a child (goes on cpython_operations.py).

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

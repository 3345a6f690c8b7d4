"""no_grad: arithmetic without a graph, in blocks and functions, threads and tasks."""

import asyncio
import contextvars
import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread

import pytest

from autograd_lite import Value, affine, enable_grad, no_grad, tanh


def makes_a_graph():
    return bool((Value(2.0) * Value(3.0)).parents)


def in_a_thread(function):
    results = []
    thread = Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join(10)
    return results[0]


def test_results_inside_are_leaves_with_the_same_data():
    x, w = Value(2.0), Value(3.0)
    with no_grad():
        results = [x * w, x + 1, -x, tanh(x), affine([w, w, w], [x, x, x], 1.0), x**2]
    outside = [x * w, x + 1, -x, tanh(x), affine([w, w, w], [x, x, x], 1.0), x**2]
    for inside, node in zip(results, outside, strict=True):
        assert inside.data == node.data
        assert (inside.op, inside.parents, inside.partials) == ("leaf", (), ())
        assert node.parents


def test_blocks_nest():
    with no_grad():
        with no_grad():
            assert not makes_a_graph()
        assert not makes_a_graph()
    assert makes_a_graph()


def test_a_block_with_a_graph_lies_inside_one_without():
    with no_grad():
        with enable_grad():
            assert makes_a_graph()
            with no_grad():
                assert not makes_a_graph()
            assert makes_a_graph()
        assert not makes_a_graph()
        with pytest.raises(ZeroDivisionError), enable_grad():
            Value(1.0) / 0
        assert not makes_a_graph()
    with enable_grad():
        assert makes_a_graph()
    assert makes_a_graph()


def test_a_function_may_always_make_a_graph_of_its_own():
    function = enable_grad()(makes_a_graph)
    assert function()
    with no_grad():
        assert [function(), function()] == [True, True]
        assert not makes_a_graph()


def test_one_block_can_be_entered_again_inside_itself():
    block = no_grad()
    with block:
        with block:
            assert not makes_a_graph()
        assert not makes_a_graph()
    assert makes_a_graph()
    with block:
        assert not makes_a_graph()


def test_an_exception_ends_the_block():
    with pytest.raises(ZeroDivisionError), no_grad(), no_grad():
        Value(1.0) / 0
    assert makes_a_graph()


def test_a_decorated_function_makes_no_graph_also_when_it_calls_itself():
    @no_grad()
    def power(x, n):
        """Multiply."""
        return power(x, n - 1) * x if n else x

    result = power(Value(2.0), 5)
    assert (result.data, result.parents) == (64.0, ())
    assert power.__doc__ == "Multiply."
    assert makes_a_graph()


def test_a_decorated_function_that_raises_ends_its_block():
    @no_grad()
    def fail():
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert makes_a_graph()


def test_functions_whose_body_runs_later_cannot_be_decorated():
    def generator():
        yield

    async def coroutine():
        pass

    async def asynchronous_generator():
        yield

    for function in (generator, coroutine, asynchronous_generator):
        with pytest.raises(
            TypeError, match=f"cannot decorate .*{function.__name__}, a generator or coroutine"
        ):
            no_grad()(function)


def test_calls_of_a_decorated_function_are_blocks_of_their_own():
    call = no_grad()(lambda function: function())
    context_of_an_ended_call = call(contextvars.copy_context)
    assert call(lambda: context_of_an_ended_call.run(makes_a_graph))


def test_anything_callable_can_be_decorated():
    assert no_grad()(Value(3.0).tanh)().parents == ()
    assert no_grad()(sum)([Value(3.0), Value(4.0)]).parents == ()


def test_a_block_does_not_reach_other_threads():
    with no_grad():
        assert in_a_thread(makes_a_graph)
    entered, done = Event(), Event()

    def wait_inside():
        with no_grad():
            entered.set()
            done.wait(10)
            return makes_a_graph()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(wait_inside)
        entered.wait(10)
        assert makes_a_graph()
        done.set()
        assert not other.result()


def test_one_block_shared_by_two_threads_ends_in_each_by_itself():
    block, barrier = no_grad(), Barrier(2, timeout=10)

    def first():
        with block:
            barrier.wait()
            inside = makes_a_graph()
        barrier.wait()
        return inside, makes_a_graph()

    def second():
        with block:
            barrier.wait()
            barrier.wait()
            inside = makes_a_graph()
        return inside, makes_a_graph()

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(first), pool.submit(second)]
        assert [result.result() for result in results] == [(False, True), (False, True)]


def test_threads_that_build_and_pause_do_not_disturb_one_another():
    def work(seed):
        for _ in range(50):
            x = Value(float(seed))
            y = x
            for _ in range(10):
                y = y * x
            with no_grad():
                z = y * x
            y.backward()
            if (y.data, x.grad, z.parents) != (seed**11, 11 * seed**10, ()):
                return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(1, 9)))


def test_tasks_interleave_without_disturbing_one_another():
    block = no_grad()

    async def paused(first, second):
        with block:
            first.set()
            await second.wait()
            inside = makes_a_graph()
        return inside, makes_a_graph()

    async def running(first, second):
        await first.wait()
        outside = makes_a_graph()
        second.set()
        return outside

    async def main():
        first, second = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(paused(first, second), running(first, second))

    assert asyncio.run(main()) == [(False, True), True]


def test_two_tasks_share_one_block_and_leave_it_in_either_order():
    block = no_grad()

    async def short(entered, left):
        with block:
            await entered.wait()
        graph = makes_a_graph()
        left.set()
        return graph

    async def long(entered, left):
        with block:
            entered.set()
            await left.wait()
            return makes_a_graph()

    async def main():
        entered, left = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(short(entered, left), long(entered, left))

    assert asyncio.run(main()) == [True, False]


def test_a_task_started_inside_is_paused_until_the_block_ends_whatever_others_do():
    async def child(started, ended):
        inside = makes_a_graph()
        started.set()
        await ended.wait()
        with_another_open = await asyncio.to_thread(contextvars.copy_context().run, makes_a_graph)
        return inside, makes_a_graph(), with_another_open

    async def main():
        started, ended = asyncio.Event(), asyncio.Event()
        with no_grad():
            task = asyncio.create_task(child(started, ended))
            await started.wait()
        ended.set()
        entered, done = Event(), Event()

        def elsewhere():
            with no_grad():
                entered.set()
                done.wait(10)

        other = Thread(target=elsewhere)
        other.start()
        entered.wait(10)
        result = await task
        done.set()
        other.join(10)
        return result

    assert asyncio.run(main()) == (False, True, True)


def test_a_generator_closed_in_another_thread_ends_its_block_everywhere():
    def generator():
        with no_grad():
            yield

    running = generator()
    next(running)
    assert not makes_a_graph()
    assert in_a_thread(lambda: (running.close(), makes_a_graph())[1])
    assert makes_a_graph()
    with no_grad():
        assert not makes_a_graph()
    assert makes_a_graph()


def test_an_abandoned_generator_ends_its_block_when_it_is_collected():
    def generator():
        with no_grad():
            yield

    running = generator()
    next(running)
    del running
    gc.collect()
    assert makes_a_graph()

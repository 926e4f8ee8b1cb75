from threadpoolctl import threadpool_info, threadpool_limits

from assistant.opening import open_catalog, open_embedder


def test_whoever_opens_the_embedder_multiplies_with_as_many_threads(settings):
    threadpool_limits(settings.embedder_threads + 1, user_api="blas")
    open_embedder(settings, open_catalog(settings))

    threads = [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]
    assert threads and set(threads) == {settings.embedder_threads}

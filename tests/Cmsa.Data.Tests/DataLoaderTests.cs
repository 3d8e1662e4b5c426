using FsCheck;
using FsCheck.Xunit;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Tests;

public class DataLoaderTests
{
    [Property]
    public bool Every_epoch_is_every_sample_once(PositiveInt count, ulong seed, byte epoch) =>
        Enumerable
            .Range(0, count.Get)
            .Select(i => new Sampler(count.Get, seed).At((long)epoch * count.Get + i))
            .Order()
            .SequenceEqual(Enumerable.Range(0, count.Get));

    [Fact]
    public void Without_a_seed_the_order_is_the_samples_own() =>
        Assert.Equal([0, 1, 2, 0, 1, 2, 0], Enumerable.Range(0, 7).Select(step => new Sampler(3).At(step)));

    [Fact]
    public void Epochs_and_seeds_differ_and_no_sample_is_preferred()
    {
        int[] Epoch(ulong seed, long epoch) =>
            [.. Enumerable.Range(0, 50).Select(i => new Sampler(50, seed).At(epoch * 50 + i))];
        Assert.NotEqual(Epoch(1, 0), Epoch(1, 1));
        Assert.NotEqual(Epoch(1, 0), Epoch(2, 0));
        // Which sample comes first: 6,000 epochs of 6, so 1,000 each; five standard deviations are 145.
        var first = Enumerable
            .Range(0, 6000)
            .CountBy(epoch => new Sampler(6, 42).At(6L * epoch))
            .ToDictionary(c => c.Key, c => c.Value);
        Assert.All(Enumerable.Range(0, 6), sample => Assert.InRange(first[sample], 855, 1145));
        // And which follows which: 30 ordered pairs, 200 each; five standard deviations are 70.
        var pairs = Enumerable
            .Range(0, 6000)
            .CountBy(epoch => (new Sampler(6, 42).At(6L * epoch), new Sampler(6, 42).At(6L * epoch + 1)))
            .ToDictionary(c => c.Key, c => c.Value);
        Assert.Equal(30, pairs.Count);
        Assert.All(pairs.Values, n => Assert.InRange(n, 130, 270));
    }

    [Property(MaxTest = 40)]
    public bool Delivery_depends_on_seed_and_step_alone_and_goes_on_from_any_step(
        ulong seed,
        byte from,
        byte threads,
        byte ahead
    )
    {
        var order = new Sampler(37, seed);
        using var loader = DataLoader<string>.Start(order, Slowly, from, from + 50L, 1 + ahead % 20, 1 + threads % 5);
        var expected = Enumerable
            .Range(from, 50)
            .Where(step => !IsBad(order.At(step)))
            .Select(step => new LoadedItem<string>(step, order.At(step), $"{order.At(step)}"))
            .ToArray();
        return loader.Items().SequenceEqual(expected)
            && loader.Report.Delivered == expected.Length
            && loader.Next().IsNone;

        static bool IsBad(int index) => index % 10 == 3;
        static Either<Error, string> Slowly(int index)
        {
            Thread.SpinWait(index % 7 * 2000);
            return IsBad(index) ? Left(new Error("bad", $"{index}")) : $"{index}";
        }
    }

    [Fact]
    public void Bad_samples_are_skipped_counted_and_reported_once()
    {
        using var loader = DataLoader<int>.Start(new Sampler(5), i => i == 2 ? Left(new Error("bad", "file 2")) : i, until: 15);
        Assert.Equal([0, 1, 3, 4, 0, 1, 3, 4, 0, 1, 3, 4], loader.Items().Select(item => item.Value));
        Assert.Equal((12, 3), (loader.Report.Delivered, loader.Report.Skipped));
        Assert.Equal(Seq1(new Error("bad", "file 2")), loader.Report.Bad);
    }

    [Fact]
    public void Where_all_samples_are_bad_it_ends_and_says_why()
    {
        using var loader = DataLoader<int>.Start(new Sampler(5, 1), i => Left(new Error("bad", $"file {i}")));
        Assert.True(loader.Next().IsNone);
        Assert.Equal((0, 5, 5), (loader.Report.Delivered, loader.Report.Skipped, loader.Report.Bad.Count));
    }

    [Fact]
    public void Nothing_is_delivered_of_nothing()
    {
        using var loader = DataLoader<int>.Start(new Sampler(0, 1), i => i);
        Assert.True(loader.Next().IsNone);
    }

    [Fact]
    public void It_reads_ahead_but_never_further_than_it_may()
    {
        var reads = 0;
        using var loader = DataLoader<int>.Start(
            new Sampler(1000),
            i =>
            {
                Interlocked.Increment(ref reads);
                return i;
            },
            ahead: 8,
            threads: 3
        );
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref reads) == 8, TimeSpan.FromSeconds(20)));
        Thread.Sleep(50);
        Assert.Equal(8, Volatile.Read(ref reads));
        Assert.Equal(5, loader.Items().Take(5).Last().Index + 1);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref reads) == 13, TimeSpan.FromSeconds(20)));
        Thread.Sleep(50);
        Assert.Equal(13, Volatile.Read(ref reads));
    }

    [Fact]
    public void Waiting_is_measured_and_only_waiting()
    {
        // The reader gives its value once the consumer is blocked.
        var (consumer, asks) = (Thread.CurrentThread, false);
        using var slow = DataLoader<int>.Start(
            new Sampler(1),
            i =>
            {
                SpinWait.SpinUntil(() =>
                    Volatile.Read(ref asks) && consumer.ThreadState.HasFlag(ThreadState.WaitSleepJoin)
                );
                return i;
            },
            until: 1
        );
        Volatile.Write(ref asks, true);
        Assert.True(slow.Next().IsSome);
        Assert.NotEqual(TimeSpan.Zero, slow.Report.Waited);

        // One thread that reads the fifth item has finished the first four.
        var reads = 0;
        using var fast = DataLoader<int>.Start(
            new Sampler(5),
            i =>
            {
                Interlocked.Increment(ref reads);
                return i;
            },
            until: 5,
            threads: 1
        );
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref reads) == 5, TimeSpan.FromSeconds(60)));
        Assert.Equal(4, fast.Items().Take(4).Count());
        Assert.Equal(TimeSpan.Zero, fast.Report.Waited);
    }

    [Fact]
    public void Disposing_it_disposes_what_nobody_took_and_stops_its_threads()
    {
        var (made, gone) = (0, 0);
        var loader = DataLoader<Counted>.Start(
            new Sampler(1000),
            _ =>
            {
                Interlocked.Increment(ref made);
                return new Counted(() => Interlocked.Increment(ref gone));
            }
        );
        Assert.True(loader.Next().IsSome);
        loader.Dispose();
        loader.Dispose();
        Assert.Equal(made - 1, gone);
        var after = made;
        Thread.Sleep(30);
        Assert.Equal(after, made);
        Assert.Throws<ObjectDisposedException>(() => loader.Next());
    }

    [Fact]
    public void A_bug_of_the_reader_is_thrown_where_its_step_is_taken()
    {
        using var loader = DataLoader<int>.Start(new Sampler(9), i => i == 1 ? throw new InvalidOperationException("bug") : i);
        Assert.True(loader.Next().IsSome);
        Assert.Throws<InvalidOperationException>(() => loader.Next());
    }

    private sealed class Counted(Action dispose) : IDisposable
    {
        public void Dispose() => dispose();
    }
}

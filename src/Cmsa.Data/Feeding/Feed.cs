using System.Diagnostics;
using System.Runtime.ExceptionServices;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>
/// Reads ahead of training on threads of its own, a bounded number of steps, and delivers in the order of the steps
/// whatever the threads do. Bad samples are skipped and counted. One consumer; disposing it stops the threads and
/// disposes what was not delivered.
/// </summary>
/// <typeparam name="T">
/// What a sample becomes before it is delivered: decoded, letterboxed, turned into tensors.
/// </typeparam>
public sealed class Feed<T> : IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim room;
    private readonly SemaphoreSlim[] ready;
    private readonly Slot[] slots;
    private readonly Thread[] readers;
    private readonly Order order;
    private readonly Func<int, Either<Error, T>> read;
    private readonly long until;
    private readonly CancellationTokenSource stopping = new();
    private readonly System.Collections.Generic.HashSet<int> known = [];

    private long taken;
    private long next;
    private int badInARow;
    private bool disposed;
    private FeedReport report = new(0, 0, [], TimeSpan.Zero);

    private Feed(Order order, Func<int, Either<Error, T>> read, long from, long until, int ahead, int threads)
    {
        (this.order, this.read, this.until, taken, next) = (order, read, order.Count == 0 ? from : until, from, from);
        room = new(ahead);
        slots = new Slot[ahead];
        ready = [.. Enumerable.Range(0, ahead).Select(_ => new SemaphoreSlim(0))];
        readers =
        [
            .. Enumerable
                .Range(0, Math.Min(threads, ahead))
                .Select(i => new Thread(ReadAhead) { IsBackground = true, Name = $"feed {i}" }),
        ];
        foreach (var reader in readers)
            reader.Start();
    }

    /// <summary>Starts reading.</summary>
    /// <param name="order">Which sample each step takes.</param>
    /// <param name="read">
    /// Makes a sample's value from its index, or says why it cannot be; called from several threads at once.
    /// </param>
    /// <param name="from">The first step.</param>
    /// <param name="until">The step before which the feed ends; absent: it has no end.</param>
    /// <param name="ahead">How many steps may be read and not yet delivered: the bound on memory.</param>
    /// <param name="threads">How many threads read.</param>
    public static Feed<T> Start(
        Order order,
        Func<int, Either<Error, T>> read,
        long from = 0,
        long until = long.MaxValue,
        int ahead = 16,
        int threads = 2
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ahead);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        return new(order, read, from, until, ahead, threads);
    }

    /// <summary>What it has done so far.</summary>
    public FeedReport Report
    {
        get
        {
            lock (gate)
                return report;
        }
    }

    /// <summary>
    /// The next value, waiting for it where need be; none at the end, and where a whole epoch in a row was bad. An
    /// exception of the reading function is a bug, and is thrown here.
    /// </summary>
    public Option<Fed<T>> Next()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        while (next < until && badInARow < order.Count)
        {
            var slot = Take();
            slot.Bug?.Throw();
            var index = order.At(next++);
            if (slot.Result.Case is T value)
            {
                badInARow = 0;
                lock (gate)
                    report = report with { Delivered = report.Delivered + 1 };
                return Some(new Fed<T>(next - 1, index, value));
            }
            badInARow++;
            lock (gate)
                report = report with
                {
                    Skipped = report.Skipped + 1,
                    Bad = known.Add(index) ? report.Bad + slot.Result.LeftToSeq() : report.Bad,
                };
        }
        return None;
    }

    /// <summary>All values until the end, each as it is asked for.</summary>
    public IEnumerable<Fed<T>> Items()
    {
        while (Next().Case is Fed<T> fed)
            yield return fed;
    }

    /// <summary>Stops the threads, waits for them, and disposes what they made and nobody took.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        stopping.Cancel();
        foreach (var reader in readers)
            reader.Join();
        foreach (var slot in slots)
            if (slot.Result.IsRight && slot.Result.Case is IDisposable value)
                value.Dispose();
        foreach (var semaphore in ready)
            semaphore.Dispose();
        room.Dispose();
        stopping.Dispose();
    }

    private Slot Take()
    {
        var place = (int)(next % slots.Length);
        if (!ready[place].Wait(0))
        {
            var since = Stopwatch.GetTimestamp();
            ready[place].Wait();
            lock (gate)
                report = report with { Waited = report.Waited + Stopwatch.GetElapsedTime(since) };
        }
        var slot = slots[place];
        slots[place] = default;
        room.Release();
        return slot;
    }

    private void ReadAhead()
    {
        while (true)
        {
            try
            {
                room.Wait(stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            var step = Interlocked.Increment(ref taken) - 1;
            if (step >= until || stopping.IsCancellationRequested)
                return;
            // A step's slot is free: steps are taken in order, and no more of them than there is room for.
            slots[step % slots.Length] = ReadOne(order.At(step));
            ready[step % slots.Length].Release();
        }
    }

    private Slot ReadOne(int index)
    {
        try
        {
            return new(read(index), null);
        }
        catch (Exception bug)
        {
            return new(default, ExceptionDispatchInfo.Capture(bug));
        }
    }

    private readonly record struct Slot(Either<Error, T> Result, ExceptionDispatchInfo? Bug);
}

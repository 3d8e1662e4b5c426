using System.Diagnostics;
using System.Runtime.ExceptionServices;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Loading;

/// <summary>
/// Reads samples ahead of training on background threads, at most a given number of steps ahead, and delivers them in
/// the order of the steps, however the threads are scheduled. Bad samples are skipped and counted. It serves one
/// consumer. Disposing it stops the threads and disposes the values that were not delivered.
/// </summary>
/// <typeparam name="T">
/// What is made of a sample before it is delivered, such as a decoded picture or arrays for a model.
/// </typeparam>
public sealed class DataLoader<T> : IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim room;
    private readonly SemaphoreSlim[] ready;
    private readonly Slot[] slots;
    private readonly Thread[] readers;
    private readonly ISampler sampler;
    private readonly Func<int, Either<Error, T>> read;
    private readonly long until;
    private readonly CancellationTokenSource stopping = new();
    private readonly System.Collections.Generic.HashSet<int> known = [];

    private long taken;
    private long next;
    private int badInARow;
    private bool disposed;
    private LoaderReport report = new(0, 0, [], TimeSpan.Zero);

    private DataLoader(ISampler sampler, Func<int, Either<Error, T>> read, long from, long until, int ahead, int threads)
    {
        (this.sampler, this.read, this.until, taken, next) = (
            sampler,
            read,
            sampler.Count == 0 ? from : until,
            from,
            from
        );
        room = new(ahead);
        slots = new Slot[ahead];
        ready = [.. Enumerable.Range(0, ahead).Select(_ => new SemaphoreSlim(0))];
        readers =
        [
            .. Enumerable
                .Range(0, Math.Min(threads, ahead))
                .Select(i => new Thread(ReadAhead) { IsBackground = true, Name = $"data loader {i}" }),
        ];
        foreach (var reader in readers)
            reader.Start();
    }

    /// <summary>Starts reading.</summary>
    /// <param name="sampler">Chooses the sample of each step.</param>
    /// <param name="read">
    /// Makes the value of a sample from its index, or gives the error; called from several threads at once.
    /// </param>
    /// <param name="from">The first step.</param>
    /// <param name="until">The first step that is not read; by default there is no end.</param>
    /// <param name="ahead">How many steps are read and not yet delivered, at most: this bounds the memory.</param>
    /// <param name="threads">How many threads read.</param>
    public static DataLoader<T> Start(
        ISampler sampler,
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
        return new(sampler, read, from, until, ahead, threads);
    }

    /// <summary>What the loader has done so far.</summary>
    public LoaderReport Report
    {
        get
        {
            lock (gate)
                return report;
        }
    }

    /// <summary>
    /// The next item; waits until it is ready. None at the end, and after a whole epoch in which every sample was bad.
    /// An exception of the reading function is a bug, and is rethrown here.
    /// </summary>
    public Option<LoadedItem<T>> Next()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        while (next < until && badInARow < sampler.Count)
        {
            var slot = Take();
            slot.Bug?.Throw();
            var index = sampler.At(next++);
            if (slot.Result.Case is T value)
            {
                badInARow = 0;
                lock (gate)
                    report = report with { Delivered = report.Delivered + 1 };
                return Some(new LoadedItem<T>(next - 1, index, value));
            }
            badInARow++;
            lock (gate)
                report = report with
                {
                    Skipped = report.Skipped + 1,
                    Bad = known.Add(index) ? report.Bad + slot.Result.LeftToSeq().ToMany() : report.Bad,
                };
        }
        return None;
    }

    /// <summary>The remaining items, read lazily.</summary>
    public IEnumerable<LoadedItem<T>> Items()
    {
        while (Next().Case is LoadedItem<T> item)
            yield return item;
    }

    /// <summary>Stops the threads, waits for them, and disposes the values that were not delivered.</summary>
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
            // The slot of this step is free: steps are taken in order, and never more of them than there are slots.
            slots[step % slots.Length] = ReadOne(sampler.At(step));
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

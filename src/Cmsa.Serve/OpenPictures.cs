using System.Security.Cryptography;
using LanguageExt;

namespace Cmsa.Serve;

/// <summary>
/// The pictures that are open, each under a random token that its tab alone has. Their number is bounded, and each goes
/// when its time is up.
/// </summary>
internal sealed class OpenPictures : IAsyncDisposable
{
    private readonly Limits limits;
    private readonly TimeProvider clock;
    private readonly ITimer sweeper;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> open = new(StringComparer.Ordinal);

    private sealed record Entry(OpenPicture Picture, DateTimeOffset Asked);

    /// <summary>No picture yet.</summary>
    public OpenPictures(Limits limits, TimeProvider clock)
    {
        (this.limits, this.clock) = (limits, clock);
        var often = limits.KeptFor / 4;
        sweeper = clock.CreateTimer(_ => Sweep(), null, often, often);
    }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return open.Count;
        }
    }

    /// <summary>Refused where no picture more is taken.</summary>
    public Either<Refusal, Unit> Room => Count < limits.Pictures ? Unit.Default : Full;

    /// <summary>Keeps a picture.</summary>
    /// <returns>Its token; refused, and the picture freed, where there are too many.</returns>
    public Either<Refusal, string> Add(OpenPicture picture)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        lock (gate)
            if (open.Count < limits.Pictures)
            {
                open[token] = new(picture, clock.GetUtcNow());
                return token;
            }
        picture.Dispose();
        return Full;
    }

    /// <summary>The picture of a token, whose time begins again.</summary>
    public Either<Refusal, OpenPicture> Find(string token)
    {
        lock (gate)
        {
            if (!open.TryGetValue(token, out var entry) || IsOver(entry))
                return Gone;
            open[token] = entry with { Asked = clock.GetUtcNow() };
            return entry.Picture;
        }
    }

    /// <summary>Forgets a picture, if it is there.</summary>
    public async Task Forget(string token)
    {
        Entry? entry;
        lock (gate)
            _ = open.Remove(token, out entry);
        if (entry is not null)
            await entry.Picture.Close().ConfigureAwait(false);
    }

    /// <summary>Forgets every picture.</summary>
    public async ValueTask DisposeAsync()
    {
        await sweeper.DisposeAsync().ConfigureAwait(false);
        string[] tokens;
        lock (gate)
            tokens = [.. open.Keys];
        foreach (var token in tokens)
            await Forget(token).ConfigureAwait(false);
    }

    /// <summary>A question about a picture that is not open.</summary>
    public static Refusal Gone { get; } =
        Refusal.Missing(
            new("the picture is not open any more", "picture", "choose it again; pictures are kept only for a while")
        );

    private Refusal Full =>
        Refusal.Busy(
            new($"{limits.Pictures} pictures are open already", "picture", "close a tab, or try again in some minutes")
        );

    private bool IsOver(Entry entry) => clock.GetUtcNow() - entry.Asked >= limits.KeptFor;

    private void Sweep()
    {
        string[] over;
        lock (gate)
            over = [.. open.Where(one => IsOver(one.Value)).Select(one => one.Key)];
        foreach (var token in over)
            _ = Forget(token);
    }
}

namespace Cmsa.Serve;

/// <summary>What a server takes at most.</summary>
/// <param name="Bytes">The bytes of a picture's file.</param>
/// <param name="Pixels">The pixels of a picture.</param>
/// <param name="Pictures">How many pictures are open at once.</param>
/// <param name="Queue">How many pictures are read and decoded at once, waiting ones included.</param>
/// <param name="Letters">The letters of an expression.</param>
/// <param name="Idle">How long a picture is kept after its last question.</param>
public sealed record Limits(
    int Bytes = 12_000_000,
    int Pixels = 25_000_000,
    int Pictures = 32,
    int Queue = 8,
    int Letters = 300,
    TimeSpan? Idle = null
)
{
    /// <summary>How long a picture is kept after its last question; ten minutes unless given.</summary>
    public TimeSpan KeptFor => Idle ?? TimeSpan.FromMinutes(10);
}

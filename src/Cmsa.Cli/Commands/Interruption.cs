using System.Runtime.InteropServices;

namespace Cmsa.Cli.Commands;

/// <summary>
/// The wish that something stops in good order: Ctrl-C, or SIGTERM, with which schedulers announce that they will kill.
/// The second time it is not asked for but done.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource wish = new();
    private readonly PosixSignalRegistration[] registrations;

    /// <summary>Listens until it is disposed.</summary>
    public Interruption() =>
        registrations = [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal =>
                PosixSignalRegistration.Create(
                    signal,
                    context =>
                    {
                        context.Cancel = !wish.IsCancellationRequested;
                        wish.Cancel();
                    }
                )
            ),
        ];

    /// <summary>Cancelled when somebody has it.</summary>
    public CancellationToken Token => wish.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        wish.Dispose();
    }
}

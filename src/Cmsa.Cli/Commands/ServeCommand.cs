using System.CommandLine;
using System.Net;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Runs;
using Cmsa.Serve;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa serve</c>: a page in the browser on which a run's model answers.</summary>
public static class ServeCommand
{
    private const int MostPort = 65535;

    private sealed record Served(RunFolder Run, Options Options, IPAddress Address, int Port, Limits Limits);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var weights = new System.CommandLine.Option<string>("--weights")
        {
            Description = "The run whose model answers.",
            HelpName = "RUN",
            Required = true,
        };
        var host = new System.CommandLine.Option<string>("--host")
        {
            Description = "The address to listen at: localhost, for this machine alone, or an IP address of it.",
            HelpName = "ADDRESS",
            DefaultValueFactory = _ => "localhost",
        };
        var port = Number("--port", "The port; 0: a free one.", "PORT", 0);
        var idle = Number("--idle", "A picture is forgotten so many minutes after its last question.", "MINUTES", 10);
        var bytes = Number("--max-bytes", "The most bytes of a picture's file.", "N", new Limits().Bytes);
        var pixels = Number("--max-pixels", "The most pixels of a picture.", "N", new Limits().Pixels);
        var (device, asWritten) = (Asked.Device(), Asked.AsWritten());
        var command = new Command(
            "serve",
            "Opens a page for the browser: choose a picture, type, and the mask follows. Ctrl-C ends it. Example: "
                + "cmsa serve --weights runs/1f0c4a2b9e-paper-small"
        )
        {
            weights,
            host,
            port,
            idle,
            bytes,
            pixels,
            device,
            asWritten,
        };
        command.SetAction(line =>
            Application.Exit(
                from address in AddressOf(line.GetRequiredValue(host))
                from free in Within("--port", line.GetValue(port), 0, MostPort)
                from minutes in Within("--idle", line.GetValue(idle), 1, 24 * 60)
                from file in Within("--max-bytes", line.GetValue(bytes), 1, 1_000_000_000)
                from size in Within("--max-pixels", line.GetValue(pixels), 1, 100_000_000)
                from run in Asked.Find(line.GetRequiredValue(weights))
                let options = new Options(
                    Device: line.GetRequiredValue(device),
                    Optimise: Asked.Effort(line, asWritten)
                )
                let limits = new Limits(Bytes: file, Pixels: size, Idle: TimeSpan.FromMinutes(minutes))
                from code in Serve(new(run, options, address, free, limits))
                select code
            )
        );
        return command;
    }

    private static System.CommandLine.Option<int> Number(string name, string what, string help, int value) =>
        new(name)
        {
            Description = what,
            HelpName = help,
            DefaultValueFactory = _ => value,
        };

    private static Either<Error, int> Within(string option, int value, int least, int most) =>
        value >= least && value <= most ? value : new Error($"{value} is not from {least} to {most}", option);

    private static Either<Error, IPAddress> AddressOf(string host) =>
        host == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(host, out var address) ? address
        : new Error("not an IP address", $"--host {host}", "give localhost, or an address such as 0.0.0.0");

    private static Either<Error, int> Serve(Served served) =>
        ServedModel
            .Of(served.Run, served.Options)
            .Bind(model =>
            {
                using (model)
                    return Listen(model, served).GetAwaiter().GetResult();
            });

    private static async Task<Either<Error, int>> Listen(ServedModel model, Served served)
    {
        using var interruption = new Interruption();
        var started = await Server
            .Start(model, served.Address, served.Port, served.Limits, Terminal.Complain)
            .ConfigureAwait(false);
        return await started
            .MatchAsync(
                RightAsync: server => Until(server, served.Address, interruption.Token),
                Left: error => (Either<Error, int>)error
            )
            .ConfigureAwait(false);
    }

    private static async Task<Either<Error, int>> Until(Server server, IPAddress address, CancellationToken stop)
    {
        await using (server.ConfigureAwait(false))
        {
            if (!IPAddress.IsLoopback(address))
                Terminal.Complain($"warning: whoever reaches {address} can use this page; it asks for no password");
            Terminal.Write($"{server.Address}");
            await Console.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            await Task.Delay(Timeout.Infinite, stop)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return Application.Done;
    }
}

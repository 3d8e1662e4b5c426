using System.Net;
using LanguageExt;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Cmsa.Serve;

/// <summary>A page in the browser on which a model answers expressions about pictures.</summary>
public sealed class Server : IAsyncDisposable
{
    private const int Connections = 128;

    private readonly WebApplication app;
    private readonly OpenPictures open;
    private readonly PictureQueue queue;

    private Server(WebApplication app, OpenPictures open, PictureQueue queue) =>
        (this.app, this.open, this.queue) = (app, open, queue);

    /// <summary>Where the page is.</summary>
    public Uri Address => new(app.Urls.First());

    /// <summary>How many pictures are open.</summary>
    internal int Open => open.Count;

    /// <summary>Starts a server. It reads no settings from the environment and no files.</summary>
    /// <param name="model">The model, which must live longer than the server.</param>
    /// <param name="address">The address of this machine to listen at.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="limits">What it takes at most.</param>
    /// <param name="complain">Told in one line what fails inside the server.</param>
    /// <param name="clock">What time it is; the system's clock unless given.</param>
    /// <returns>The server, the caller's to dispose; an error where it cannot listen.</returns>
    public static async Task<Either<Error, Server>> Start(
        ServedModel model,
        IPAddress address,
        int port,
        Limits limits,
        Action<string> complain,
        TimeProvider? clock = null
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = Connections;
            // One byte more is read, so that the error is this server's.
            kestrel.Limits.MaxRequestBodySize = limits.Bytes + 1L;
            kestrel.Listen(address, port);
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var open = new OpenPictures(limits, clock ?? TimeProvider.System);
        var queue = new PictureQueue(limits);
        var guard = new Guard(IPAddress.IsLoopback(address), complain);
        app.Use(guard.Around);
        new Endpoints(model, limits, open, queue).Map(app);
        var server = new Server(app, open, queue);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
            return server;
        }
        catch (IOException taken)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            return new Error(
                $"cannot listen: {taken.Message.TrimEnd('.')}",
                $"{address}:{port}",
                "give another --port, or 0 for a free one"
            );
        }
    }

    /// <summary>Stops listening and forgets every picture.</summary>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync().ConfigureAwait(false);
        await open.DisposeAsync().ConfigureAwait(false);
        queue.Dispose();
    }
}

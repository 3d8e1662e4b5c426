using Cmsa.Tests;
using System.Net;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Runs;
using Cmsa.Models;

namespace Cmsa.Serve.Tests;

/// <summary>A tiny model after one step of training, served at a free port.</summary>
public sealed class Served : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmsa").FullName;

    internal ServedModel Model { get; private set; } = null!;

    public Task InitializeAsync()
    {
        var sizes = TinySizes.Sizes;
        string[] line = ["train", "--iterations", "1", "--batch", "2", "--validate-every", "0", "--runs", folder];
        Assert.Equal(0, Cli.Application.Run(line, ("mine", Paper.Model(sizes), sizes)));
        Model = RunFolder
            .Open(Directory.GetDirectories(folder).Single())
            .Bind(run => ServedModel.Of(run, new Options()))
            .IfLeft(error => throw new InvalidOperationException($"{error}"));
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        Model.Dispose();
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    internal async Task<Server> Start(Limits? limits = null, TimeProvider? clock = null) =>
        (await Server.Start(Model, IPAddress.Loopback, 0, limits ?? new(), text => Assert.Fail(text), clock))
            .IfLeft(error => throw new InvalidOperationException($"{error}"));
}

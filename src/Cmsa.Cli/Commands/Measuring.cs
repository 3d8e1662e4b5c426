using Cmsa.Benchmarks;
using Cmsa.Benchmarks.Measuring;
using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Models;
using Cmsa.Models.Catalogues;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>What a command line of <c>cmsa bench</c> asks for.</summary>
/// <param name="Entry">The model, at its sizes.</param>
/// <param name="Attention">The sizes of the attention.</param>
/// <param name="Options">Device and precision.</param>
/// <param name="Runs">How many runs are timed at most.</param>
/// <param name="Time">How long one may take.</param>
/// <param name="Arguments">The command line.</param>
internal sealed record Measuring(
    Entry Entry,
    AttentionSizes Attention,
    Options Options,
    int Runs,
    TimeSpan Time,
    Many<string> Arguments
)
{
    // Some of what is free the system needs itself.
    private const double Usable = 0.85;

    public Kernels.DeviceContext Place => new(torch.device(Options.Device), Options.Real);

    public Workload Backbone =>
        Workload.Backbone(Sizes.Paper.Backbone, Pictures(Entry.Inputs).IfNone(InputSpec.Image(320, 320)));

    // The paper's model is the one that somebody has written by hand.
    public Workload Model =>
        Entry.Layer.Equals(Paper.Model(Sizes.Paper)) && Entry.Inputs == Sizes.Paper.Inputs
            ? Workload.Paper(Sizes.Paper)
            : new Workload($"{Entry.Name}, {Entry.Inputs}", "model", Entry.Layer, Entry.Inputs);

    public Func<Limits> Limits(double rate) => () => new(Runs, Time, (long)(Usable * Resident.Available), rate);

    /// <summary>Each trial in a process of its own, which is this program with <c>--one</c>.</summary>
    public Measure Apart(Func<Limits> limits) =>
        trial => Cmsa.Benchmarks.Subprocess.Measure(trial, limits(), Arguments + ["--one", trial.Key]);

    /// <summary>Measures one trial in this process and writes its figures.</summary>
    public Either<Error, int> One(string key) =>
        from trial in Trial(key)
        from measured in trial.Measure(Limits(0)())
        select Said(measured);

    private static int Said(Measured measured)
    {
        Console.Out.WriteLine(measured.ToJson());
        return Application.Done;
    }

    private Either<Error, Trial> Trial(string key) =>
        key.Split(':') switch
        {
            [var subject, var pass, var way]
                when Enum.TryParse<Pass>(pass, out var p) && Enum.TryParse<Backend>(way, out var w) => Of(
                    subject.Split('/')
                )
                .Map(s => new Trial(s, w, p, Options)),
            _ => new Error("no such trial", key),
        };

    private Either<Error, Workload> Of(string[] subject) =>
        subject switch
        {
            ["backbone"] => Backbone,
            ["model"] => Model,
            ["attention", var rows, var columns, var words] => Workload.Attention(
                Attention with
                {
                    Rows = parseInt(rows).IfNone(1),
                    Columns = parseInt(columns).IfNone(1),
                    Words = parseInt(words).IfNone(1),
                }
            ),
            _ => new Error("nothing that is measured", string.Join('/', subject)),
        };

    private static Option<InputSpec> Pictures(InputSpec inputs) =>
        inputs switch
        {
            InputSpec.Tensor(nameof(Image), _) => Some(inputs),
            InputSpec.Both(var first, var second) => Pictures(first) || Pictures(second),
            _ => None,
        };
}

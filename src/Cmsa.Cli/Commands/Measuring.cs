using Cmsa.Benchmarks;
using Cmsa.Dsl;
using Cmsa.Dsl.Programs;
using Cmsa.Dsl.Torch;
using Cmsa.Models;
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
internal sealed record Measuring(Entry Entry, AttentionSizes Attention, Options Options, int Runs, TimeSpan Time, Many<string> Arguments)
{
    // Some of what is free the system needs itself.
    private const double Usable = 0.85;

    public Kernels.Place Place => new(torch.device(Options.Device), Options.Real);

    public Subject Backbone => Subject.Backbone(Sizes.Paper.Backbone, Pictures(Entry.Extent).IfNone(Extent.Image(320, 320)));

    // The paper's model is the one that somebody has written by hand.
    public Subject Model => Entry.Layer.Equals(Paper.Model(Sizes.Paper)) && Entry.Extent == Sizes.Paper.Extent
        ? Subject.Paper(Sizes.Paper)
        : new Subject($"{Entry.Name}, {Entry.Extent}", "model", Entry.Layer, Entry.Extent);

    public Func<Limits> Limits(double rate) => () => new(Runs, Time, (long)(Usable * Resident.Available), rate);

    /// <summary>Each trial in a process of its own, which is this program with <c>--one</c>.</summary>
    public Measure Apart(Func<Limits> limits) => trial => Benchmarks.Apart.Measure(trial, limits(), Arguments + ["--one", trial.Key]);

    /// <summary>Measures one trial in this process and writes its figures.</summary>
    public Either<string, int> One(string key) =>
        from trial in Trial(key)
        from measured in trial.Measure(Limits(0)())
        select Said(measured);

    private static int Said(Measured measured)
    {
        Console.Out.WriteLine(measured.ToJson());
        return Application.Done;
    }

    private Either<string, Trial> Trial(string key) => key.Split(':') switch
    {
        [var subject, var pass, var way] when Enum.TryParse<Pass>(pass, out var p) && Enum.TryParse<Way>(way, out var w) => Of(subject.Split('/')).Map(s => new Trial(s, w, p, Options)),
        _ => $"{key} is no trial.",
    };

    private Either<string, Subject> Of(string[] subject) => subject switch
    {
        ["backbone"] => Backbone,
        ["model"] => Model,
        ["attention", var rows, var columns, var words] => Subject.Attention(Attention with { Rows = parseInt(rows).IfNone(1), Columns = parseInt(columns).IfNone(1), Words = parseInt(words).IfNone(1) }),
        _ => $"{string.Join('/', subject)} is nothing that is measured.",
    };

    private static Option<Extent> Pictures(Extent extent) => extent switch
    {
        Extent.Tensor(nameof(Image), _) => Some(extent),
        Extent.Both(var first, var second) => Pictures(first) || Pictures(second),
        _ => None,
    };
}

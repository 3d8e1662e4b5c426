using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;

namespace Cmsa.Serve;

/// <summary>
/// A run's model, compiled once for all pictures: for masks, and a second time with probes for the words' maps, where
/// these fit into memory.
/// </summary>
public sealed class ServedModel : IDisposable
{
    private readonly Compiled masks;
    private readonly Option<Compiled> maps;

    private ServedModel(RunFolder run, Compiled masks, Option<Compiled> maps) =>
        (Experiment, Vocabulary, this.masks, this.maps) = (run.Experiment, run.Vocabulary, masks, maps);

    /// <summary>What the model was trained as.</summary>
    public Experiment Experiment { get; }

    /// <summary>The words it knows.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Whether it shows where each word looks.</summary>
    public bool HasMaps => maps.IsSome;

    /// <summary>Compiles a run's model.</summary>
    /// <param name="run">The run.</param>
    /// <param name="options">How it is compiled; its probes are not looked at.</param>
    /// <returns>The model, the caller's to dispose; an error where the run has no weights.</returns>
    public static Either<Error, ServedModel> Of(RunFolder run, Options options)
    {
        var probes = HeatMaps.Probes(run.Experiment);
        return from masks in run.Model(options with { Probes = [] })
               from maps in probes.IsEmpty
                   ? Option<Compiled>.None
                   : run.Model(options with { Probes = probes }).Map(Option<Compiled>.Some)
               select new ServedModel(run, masks, maps);
    }

    /// <summary>What the model computes from a picture alone, for masks.</summary>
    internal BoundPicture ForMasks(Picture picture) => BoundPicture.Of(masks, Experiment, Vocabulary, picture);

    /// <summary>What the model computes from a picture alone, for the words' maps.</summary>
    internal Option<BoundPicture> ForMaps(Picture picture) =>
        maps.Map(module => BoundPicture.Of(module, Experiment, Vocabulary, picture));

    /// <summary>Frees the model.</summary>
    public void Dispose()
    {
        masks.Dispose();
        maps.IfSome(module => module.Dispose());
    }
}

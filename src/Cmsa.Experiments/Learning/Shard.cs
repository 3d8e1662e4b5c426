using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using TorchSharp;
using static TorchSharp.torch;
using DeviceContext = Cmsa.Dsl.Torch.Kernels.DeviceContext;

namespace Cmsa.Experiments.Learning;

/// <summary>
/// The part of a batch that one copy of a module learns from: samples of one picture together, each picture seen once.
/// </summary>
/// <param name="Batches">Each is of single samples, or of one picture with several expressions.</param>
/// <param name="Pictures">The name of each picture of each batch, where a backbone's results are kept.</param>
internal sealed record Shard(Many<Batch> Batches, Many<Many<string>> Pictures)
{
    /// <summary>A part of a batch as tensors.</summary>
    /// <param name="examples">The samples, each with its picture's name; those of one picture follow one another.</param>
    /// <param name="side">The picture's side, in pixels.</param>
    /// <param name="isGrouped">Whether samples of one picture go together.</param>
    /// <param name="place">Where the tensors go.</param>
    public static Shard Of(
        Many<(string Picture, TrainingExample Example)> examples,
        int side,
        bool isGrouped,
        DeviceContext place
    )
    {
        if (!isGrouped)
            return new([Batch.Of(examples.Map(e => e.Example), side, place)], [examples.Map(e => e.Picture)]);
        var groups = Runs(examples);
        return new(
            groups.Map(group => Batch.OfOnePicture(group.Map(e => e.Example), side, place)),
            groups.Map(group => group.Take(1).Map(e => e.Picture))
        );
    }

    /// <summary>
    /// Goes forward and back, and adds to the gradients of the module what the samples' mean loss gives.
    /// </summary>
    /// <param name="module">The module, in training.</param>
    /// <param name="share">The part's share of the step's loss.</param>
    /// <param name="store">Keeps the results of a frozen backbone; none if absent.</param>
    /// <returns>
    /// The loss, times the share: a float64 number for each batch, on the device, for which nothing has waited; the
    /// caller's to dispose.
    /// </returns>
    public Many<Tensor> Learn(Compiled module, double share, FeatureStore? store)
    {
        var samples = Batches.Total(b => b.Count);
        return Batches.Zip(
            Pictures,
            (batch, pictures) =>
            {
                using var scope = NewDisposeScope();
                var lost = Loss.Of(Answer(module, batch, pictures, store), batch.Truth)
                    .mul(Scalars.Of(share * batch.Count / samples));
                lost.backward();
                return lost.detach().to(ScalarType.Float64).DetachFromDisposeScope();
            }
        );
    }

    private static Tensor Answer(Compiled module, Batch batch, Many<string> pictures, FeatureStore? store)
    {
        if (store is not null)
        {
            using var features = store.Of(module, batch.Pixels, pictures);
            using var seen = module.Bind(features);
            return seen.Run(batch.Words);
        }
        if (batch.Pixels.shape[0] == batch.Count)
            return module.Run(batch.Pixels, batch.Words);
        using var photo = module.Bind(batch.Pixels);
        return photo.Run(batch.Words);
    }

    private static Many<Many<(string Picture, TrainingExample Example)>> Runs(
        Many<(string Picture, TrainingExample Example)> examples
    ) =>
        examples.Fold(
            (Many<Many<(string Picture, TrainingExample Example)>>)[],
            (runs, next) =>
                runs.Count > 0 && runs[^1][0].Picture == next.Picture
                    ? [.. runs.Take(runs.Count - 1), runs[^1].Add(next)]
                    : runs.Add([next])
        );
}

using System.Collections.Immutable;
using LanguageExt;

namespace Cmsa.Dsl.Onnx.Reading;

/// <summary>Finds the layers of a file in a model.</summary>
internal static class LayerMatch
{
    /// <summary>The file's tensor for each path of the model.</summary>
    /// <param name="file">The file's layers, in its order.</param>
    /// <param name="model">The model's layers, in its order, with the shapes of their weights.</param>
    /// <param name="sizes">The shape of a tensor of the file.</param>
    /// <param name="path">The file, for errors.</param>
    public static Either<Error, HashMap<string, string>> Of(
        Many<NetworkLayer> file,
        Many<(NetworkLayer Layer, Many<Many<long>> Sizes)> model,
        Func<string, Many<long>> sizes,
        string path
    )
    {
        var norms = model.Count(m => m.Layer.Kind == LayerKind.BatchNorm);
        if (norms > 0 && !file.Exists(l => l.Kind == LayerKind.BatchNorm))
            return new Error(
                $"the file has no batch norms and the model has {norms}: they were folded into the convolutions",
                path,
                "export the network in training mode, without constant folding"
            );

        // The number in the model of each layer of the file that was found.
        var places = new Dictionary<int, int>();
        var names = HashMap<string, string>.Empty;
        for (var i = 0; i < file.Count && places.Count < model.Count; i++)
        {
            var layer = file[i];
            var found = Many.Range(model.Count)
                .Find(m => !places.ContainsValue(m) && IsAt(layer, model[m].Layer, model[m].Sizes));
            if (found.Case is not int at)
                return Unlike(i);
            places[i] = at;
            foreach (var (name, parameter) in layer.Weights.Zip(model[at].Layer.Weights))
                names = names.AddOrUpdate(parameter, name);
        }
        return places.Count == model.Count ? names : Few();

        bool IsAt(NetworkLayer layer, NetworkLayer other, Many<Many<long>> shapes) =>
            layer.Kind == other.Kind
            && layer.Weights.Count >= shapes.Count
            && shapes == layer.Weights.Take(shapes.Count).Map(sizes)
            && layer.After.All(places.ContainsKey)
            && layer.After.Select(a => places[a]).ToImmutableHashSet().SetEquals(other.After);

        Error Unlike(int i)
        {
            var next = Many.Range(model.Count).Find(m => !places.ContainsValue(m)).Map(m => model[m]);
            var expected = next.Map(m => $"; the model has {m.Layer.Weights.Head} {m.Sizes.Head} next").IfNone("");
            return new(
                $"layer {i + 1} of the file ({file[i].Kind} {file[i].Weights.Head} {sizes(file[i].Weights.Head)}) "
                    + $"has no place in the model{expected}",
                path,
                "give the weights of the network that the model has"
            );
        }

        Error Few() =>
            new(
                $"the file has {file.Count} convolutions and batch norms and the model {model.Count}",
                path,
                "give the weights of the network that the model has"
            );
    }
}

// Package images makes the container images of the cluster without a container
// engine: layers are plain tar files in the cache, put together and pushed with
// go-containerregistry.
//
// In: the checkout, Debian's packages, Maven's JARs, programs that Go builds.
// Out: images in the cluster's registry, under the names that manifests use. A
// layer is made once for each content of its recipe.
package images

// Package volumes is the provisioner behind the cluster's default StorageClass:
// it gives each claim a folder of the node as a local PersistentVolume, and
// removes folder and volume when the claim is gone.
//
// It is local volumes because the kubelet hands those to a pod's fsGroup, as a
// cloud's volumes are, and hostPath ones not.
//
// In: PersistentVolumeClaims and PersistentVolumes, as watched. Out:
// PersistentVolumes, and folders.
package volumes
